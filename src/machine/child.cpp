#include <machine/child.hpp>

#include <cerrno>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <support/process.hpp>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

namespace unik::machine {
namespace {

Error cannot_start(const std::string& program, int reason) {
    return make_error("hypervisor-failed",
                      fmt::format("cannot start '{}': {}", program, std::strerror(reason)));
}

// Runs in the child between fork and exec: only async-signal-safe calls.
[[noreturn]] void become(const char* program, char* const* arguments, int errors, int standard,
                         pid_t parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent)
        ::_exit(127);
    ::setpgid(0, 0);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    const int used = standard >= 0 ? standard : ::open("/dev/null", O_RDWR);
    ::dup2(used, STDIN_FILENO);
    ::dup2(used, STDOUT_FILENO);
    ::dup2(errors, STDERR_FILENO);
    ::execv(program, arguments);
    ::_exit(127);
}

int shell_status(int status) {
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

} // namespace

Child::Child(pid_t id, Descriptor process, Descriptor errors)
    : id_(id), process_(std::move(process)), errors_(std::move(errors)) {}

Child::Child(Child&& other) noexcept
    : id_(std::exchange(other.id_, -1)), status_(other.status_),
      process_(std::move(other.process_)), errors_(std::move(other.errors_)) {}

Child::~Child() {
    if (id_ < 0 || status_)
        return;
    kill();
    wait();
}

Result<Child> Child::spawn(const std::vector<std::string>& command, int standard) {
    const auto program = find_program(command.at(0));
    if (!program)
        return make_error(
            "missing-tool", fmt::format("the program '{}' is not installed", command[0]),
            "'unik doctor' lists what is missing and how to install it", ExitCode::missing_tool);
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        return cannot_start(command[0], errno);
    Descriptor errors(ends[0]);
    const Descriptor write_end(ends[1]);
    ::fcntl(errors.get(), F_SETFL, O_NONBLOCK);

    std::vector<std::string> arguments = command;
    std::vector<char*> pointers;
    for (std::string& argument : arguments)
        pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    const pid_t parent = ::getpid();
    const pid_t id = ::fork();
    if (id == 0)
        become(program->c_str(), pointers.data(), write_end.get(), standard, parent);
    if (id < 0)
        return cannot_start(command[0], errno);
    Child child(id, Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, id, 0))),
                std::move(errors));
    if (!child.process_.is_open())
        return cannot_start(command[0], errno);
    return child;
}

void Child::kill() {
    if (!status_)
        ::kill(id_, SIGKILL);
}

std::optional<int> Child::status() {
    int status = 0;
    if (!status_ && ::waitpid(id_, &status, WNOHANG) == id_)
        status_ = shell_status(status);
    return status_;
}

int Child::wait() {
    int status = 0;
    while (!status_) {
        const pid_t ended = ::waitpid(id_, &status, 0);
        if (ended == id_)
            status_ = shell_status(status);
        else if (errno != EINTR)
            status_ = 127; // somebody else has taken the status: the process is gone anyway
    }
    return *status_;
}

} // namespace unik::machine
