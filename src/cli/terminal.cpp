#include <cli/terminal.hpp>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <sstream>

#include <sys/ioctl.h>
#include <unistd.h>

namespace unik::cli {
namespace {

bool g_no_color = false;
int g_output_failure = 0;

bool set_in_environment(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && value[0] != '\0';
}

// Returns the errno of a write that failed, or 0.
int write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t put = ::write(descriptor, text.data(), text.size());
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return errno;
        text.remove_prefix(static_cast<std::size_t>(put));
    }
    return 0;
}

constexpr std::array k_tints{"",         "\033[1m",  "\033[2m", "\033[32m",
                             "\033[31m", "\033[33m", "\033[36m"};

} // namespace

void set_no_color() {
    g_no_color = true;
}

bool error_is_terminal() {
    static const bool is_terminal = ::isatty(STDERR_FILENO) == 1;
    return is_terminal;
}

Colour error_colour() {
    const char* terminal = std::getenv("TERM");
    const bool dumb = terminal != nullptr && std::string_view(terminal) == "dumb";
    const bool on = error_is_terminal() && !g_no_color && !dumb && !set_in_environment("NO_COLOR");
    return on ? Colour::on : Colour::off;
}

unsigned terminal_width() {
    winsize size{};
    if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20)
        return size.ws_col;
    return 80;
}

void print(std::string_view text) {
    const int failure = write_all(STDOUT_FILENO, text);
    if (failure != 0 && failure != EPIPE && g_output_failure == 0)
        g_output_failure = failure;
}

int output_failure() {
    return g_output_failure;
}

void print_error(std::string_view text) {
    write_all(STDERR_FILENO, text);
}

int report(const Error& error) {
    print_error(to_text(error, error_colour()));
    return static_cast<int>(error.exit_code);
}

std::string tinted(Tint tint, std::string_view text) {
    if (tint == Tint::plain || error_colour() == Colour::off)
        return std::string(text);
    return k_tints[static_cast<std::size_t>(tint)] + std::string(text) + "\033[0m";
}

std::string printable(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f)
            c = ' ';
    }
    return out;
}

std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
    std::istringstream words{std::string(text)};
    std::string out;
    std::string line(indent, ' ');
    for (std::string word; words >> word;) {
        if (line.size() > indent && line.size() + 1 + word.size() > width) {
            out += line + '\n';
            line.assign(indent, ' ');
        }
        if (line.size() > indent)
            line += ' ';
        line += word;
    }
    return out + line + '\n';
}

} // namespace unik::cli
