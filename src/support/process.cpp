#include <support/process.hpp>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <sstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace unik {
namespace {

constexpr std::size_t k_kept_output = 1 << 20;

CommandObserver g_observer;

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& added) {
    std::vector<std::string> merged;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view variable(*entry);
        if (!added.contains(std::string(variable.substr(0, variable.find('=')))))
            merged.emplace_back(variable);
    }
    for (const auto& [name, value] : added)
        merged.push_back(fmt::format("{}={}", name, value));
    return merged;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
    std::vector<char*> out;
    for (std::string& text : strings)
        out.push_back(text.data());
    out.push_back(nullptr);
    return out;
}

// Runs in the child between fork and exec: only async-signal-safe calls.
[[noreturn]] void become(const char* program, const char* directory, char* const* arguments,
                         char* const* environment, int output, pid_t parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent)
        ::_exit(127);
    const int input = ::open("/dev/null", O_RDONLY);
    ::dup2(input, STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    if (directory[0] != '\0' && ::chdir(directory) != 0)
        ::_exit(126);
    ::execve(program, arguments, environment);
    ::_exit(127);
}

void collect_output(int descriptor, const Command& command, std::string& kept) {
    std::array<char, 16384> block{};
    for (;;) {
        const ssize_t got = ::read(descriptor, block.data(), block.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return;
        const std::string_view piece(block.data(), static_cast<std::size_t>(got));
        if (command.on_output)
            command.on_output(piece);
        kept += piece;
        if (kept.size() > 2 * k_kept_output)
            kept.erase(0, kept.size() - k_kept_output);
    }
}

int wait_for(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

std::vector<std::string> last_lines(const std::string& output, std::size_t count) {
    std::vector<std::string> lines;
    std::istringstream stream(output);
    for (std::string line; std::getline(stream, line);)
        lines.push_back(line);
    if (lines.size() > count)
        lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(count));
    return lines;
}

} // namespace

std::optional<std::filesystem::path> find_program(std::string_view name) {
    if (name.find('/') != std::string_view::npos) {
        if (::access(std::string(name).c_str(), X_OK) == 0)
            return std::filesystem::path(name);
        return std::nullopt;
    }
    const char* path = std::getenv("PATH");
    std::istringstream folders(path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin");
    for (std::string folder; std::getline(folders, folder, ':');) {
        const std::filesystem::path candidate = std::filesystem::path(folder) / name;
        std::error_code ignored;
        if (std::filesystem::is_regular_file(candidate, ignored) &&
            ::access(candidate.c_str(), X_OK) == 0)
            return candidate;
    }
    return std::nullopt;
}

std::string to_shell(const std::vector<std::string>& arguments) {
    constexpr std::string_view k_plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                         "0123456789_@%+=:,./-";
    std::string out;
    for (const std::string& argument : arguments) {
        if (!out.empty())
            out += ' ';
        if (!argument.empty() && argument.find_first_not_of(k_plain) == std::string::npos) {
            out += argument;
            continue;
        }
        out += '\'';
        for (const char c : argument)
            out += c == '\'' ? std::string("'\\''") : std::string(1, c);
        out += '\'';
    }
    return out;
}

Result<Completed> run(const Command& command) {
    const std::string& name = command.arguments.at(0);
    const auto program = find_program(name);
    if (!program)
        return make_error("missing-tool", fmt::format("the program '{}' is not installed", name),
                          "'unik doctor' lists what is missing and how to install it",
                          ExitCode::missing_tool);
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0)
        return make_error("process-failed",
                          fmt::format("cannot make a pipe: {}", std::strerror(errno)));
    std::vector<std::string> arguments = command.arguments;
    std::vector<std::string> environment = merged_environment(command.environment);
    const std::vector<char*> argument_pointers = pointers(arguments);
    const std::vector<char*> environment_pointers = pointers(environment);
    const auto start = std::chrono::steady_clock::now();
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    if (child == 0)
        become(program->c_str(), command.directory.c_str(), argument_pointers.data(),
               environment_pointers.data(), pipe[1], parent);
    const int reason = errno;
    ::close(pipe[1]);
    if (child < 0) {
        ::close(pipe[0]);
        return make_error("process-failed",
                          fmt::format("cannot start '{}': {}", name, std::strerror(reason)));
    }
    Completed completed;
    collect_output(pipe[0], command, completed.output);
    ::close(pipe[0]);
    completed.exit_status = wait_for(child);
    if (g_observer)
        g_observer(command, completed,
                   std::chrono::duration_cast<std::chrono::milliseconds>(
                       std::chrono::steady_clock::now() - start));
    return completed;
}

void observe_commands(CommandObserver observer) {
    g_observer = std::move(observer);
}

Result<Completed> run_successfully(const Command& command, std::string_view id) {
    Completed completed = UNIK_TRY(run(command));
    if (completed.exit_status == 0)
        return completed;
    Error error =
        make_error(std::string(id), fmt::format("'{}' failed with exit status {}",
                                                command.arguments[0], completed.exit_status));
    std::vector<std::string>& notes = error.diagnostics[0].notes;
    notes.push_back("command: " + to_shell(command.arguments));
    for (std::string& line : last_lines(completed.output, 40))
        notes.push_back("| " + std::move(line));
    return error;
}

} // namespace unik
