#include <machine/signal_watch.hpp>

#include <cerrno>
#include <cstring>
#include <initializer_list>

#include <fmt/format.h>
#include <sys/signalfd.h>

namespace unik::machine {

Result<SignalWatch> SignalWatch::create() {
    sigset_t watched;
    ::sigemptyset(&watched);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP})
        ::sigaddset(&watched, signal);
    Descriptor descriptor(::signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK));
    sigset_t before;
    if (!descriptor.is_open() || ::sigprocmask(SIG_BLOCK, &watched, &before) != 0)
        return make_error("process-failed",
                          fmt::format("cannot watch signals: {}", std::strerror(errno)));
    return SignalWatch(std::move(descriptor), before);
}

SignalWatch::SignalWatch(SignalWatch&& other) noexcept
    : descriptor_(std::move(other.descriptor_)), before_(other.before_) {}

SignalWatch::~SignalWatch() {
    if (!descriptor_.is_open())
        return;
    while (take() != 0) {} // what came too late to be heeded must not end us now
    ::sigprocmask(SIG_SETMASK, &before_, nullptr);
}

int SignalWatch::take() {
    signalfd_siginfo information{};
    if (::read(descriptor_.get(), &information, sizeof information) != sizeof information)
        return 0;
    return static_cast<int>(information.ssi_signo);
}

} // namespace unik::machine
