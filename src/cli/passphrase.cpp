#include <cli/passphrase.hpp>

#include <cerrno>
#include <csignal>
#include <memory>

#include <fcntl.h>
#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <support/descriptor.hpp>

namespace unik::cli {
namespace {

constexpr std::size_t k_longest = 1024;
constexpr char k_interrupt = 3;
constexpr char k_end = 4;
constexpr char k_kill_line = 21;
constexpr char k_backspaces[] = {8, 127};

Error no_terminal(const std::string& what) {
    return make_error("no-passphrase", fmt::format("there is no terminal to ask {} on", what),
                      "give it with '--passphrase-file FILE' or '--passphrase-file env:NAME'");
}

// The terminal without echo. Ctrl-C and other keys arrive as characters, and signals wait, so that
// the terminal is itself again before anything else happens.
class QuietTerminal {
public:
    explicit QuietTerminal(int terminal) : terminal_(terminal) {
        sigset_t all;
        ::sigfillset(&all);
        ::sigprocmask(SIG_SETMASK, &all, &signals_before_);
        is_quiet_ = ::tcgetattr(terminal_, &before_) == 0;
        termios quiet = before_;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL | ISIG | ICANON);
        quiet.c_cc[VMIN] = 1;
        quiet.c_cc[VTIME] = 0;
        is_quiet_ = is_quiet_ && ::tcsetattr(terminal_, TCSAFLUSH, &quiet) == 0;
    }
    QuietTerminal(const QuietTerminal&) = delete;
    QuietTerminal& operator=(const QuietTerminal&) = delete;
    ~QuietTerminal() {
        if (is_quiet_)
            ::tcsetattr(terminal_, TCSAFLUSH, &before_);
        ::sigprocmask(SIG_SETMASK, &signals_before_, nullptr);
    }
    bool is_quiet() const { return is_quiet_; }

private:
    int terminal_;
    bool is_quiet_ = false;
    termios before_{};
    sigset_t signals_before_{};
};

void say(int terminal, std::string_view text) {
    static_cast<void>(::write(terminal, text.data(), text.size()) == 0);
}

Result<sign::Secret> read_line(int terminal, const std::string& what) {
    sign::Secret line(k_longest);
    std::size_t length = 0;
    for (;;) {
        char c = k_interrupt;
        const ssize_t got = ::read(terminal, &c, 1);
        if (got != 1 || c == k_interrupt || (c == k_end && length == 0))
            return make_error("no-passphrase", fmt::format("{} was not given", what));
        if (c == '\n' || c == '\r')
            break;
        if (c == k_kill_line)
            length = 0;
        else if (c == k_backspaces[0] || c == k_backspaces[1])
            length -= length > 0 ? 1 : 0;
        else if (length < k_longest)
            line.data()[length++] = static_cast<std::uint8_t>(c);
    }
    line.cut(length);
    return line;
}

Result<sign::Secret> ask_terminal(const std::string& what) {
    const Descriptor terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
    if (!terminal.is_open())
        return no_terminal(what);
    const QuietTerminal quiet(terminal.get());
    if (!quiet.is_quiet())
        return no_terminal(what);
    say(terminal.get(), fmt::format("{}: ", what));
    auto line = read_line(terminal.get(), what);
    say(terminal.get(), "\n");
    return line;
}

} // namespace

Result<sign::AskPassphrase> passphrase_of(const Invocation& invocation) {
    if (!invocation.has(k_passphrase_file.name))
        return sign::AskPassphrase(ask_terminal);
    const auto given = std::make_shared<const sign::Secret>(
        UNIK_TRY(sign::read_passphrase({invocation.value(k_passphrase_file.name)})));
    return sign::AskPassphrase([given](const std::string&) -> Result<sign::Secret> {
        const ByteSpan bytes = given->bytes();
        return sign::Secret(ByteVector(bytes.begin(), bytes.end()));
    });
}

Result<sign::Secret> new_passphrase(const Invocation& invocation, const std::string& what) {
    if (invocation.has(k_passphrase_file.name))
        return sign::read_passphrase({invocation.value(k_passphrase_file.name)});
    sign::Secret first = UNIK_TRY(ask_terminal(what));
    if (first.size() == 0)
        return make_error("no-passphrase", fmt::format("{} is empty", what),
                          "'--no-passphrase' makes a key without one");
    const sign::Secret second = UNIK_TRY(ask_terminal(what + " again"));
    if (first.text() != second.text())
        return make_error("no-passphrase", "the two passphrases differ", "try again");
    return first;
}

} // namespace unik::cli
