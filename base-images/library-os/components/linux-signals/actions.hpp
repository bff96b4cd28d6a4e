// What the program asked to be done on each signal.
#pragma once

#include <cstdint>

#include <linux-signals/signal_set.hpp>

namespace os::linux_signals {

// As the kernel's struct sigaction of the x86-64 ABI (asm/signal.h).
struct Action {
    std::uint64_t handler = 0;
    std::uint64_t flags = 0;
    std::uint64_t restorer = 0;
    SignalSet mask;
};
static_assert(sizeof(Action) == 32);

inline constexpr std::uint64_t k_default_handler = 0;
inline constexpr std::uint64_t k_ignore_handler = 1;

inline constexpr std::uint64_t k_with_info = 0x4;              // SA_SIGINFO
inline constexpr std::uint64_t k_on_stack = 0x08000000;        // SA_ONSTACK
inline constexpr std::uint64_t k_restart_calls = 0x10000000;   // SA_RESTART
inline constexpr std::uint64_t k_leave_unblocked = 0x40000000; // SA_NODEFER
inline constexpr std::uint64_t k_reset_handler = 0x80000000;   // SA_RESETHAND
inline constexpr std::uint64_t k_has_restorer = 0x04000000;    // SA_RESTORER
// Those, and SA_NOCLDSTOP, SA_NOCLDWAIT and SA_EXPOSE_TAGBITS, which change nothing here.
inline constexpr std::uint64_t k_known_flags = 0x803 | k_with_info | k_on_stack | k_restart_calls |
                                               k_leave_unblocked | k_reset_handler | k_has_restorer;

enum class DefaultAction { end, end_with_report, ignore, stop };

constexpr DefaultAction default_action(int signal) {
    constexpr SignalSet k_reported =
        SignalSet::of(k_sigquit, k_sigill, k_sigtrap, k_sigabrt, k_sigbus, k_sigfpe, k_sigsegv,
                      k_sigxcpu, k_sigxfsz, k_sigsys);
    constexpr SignalSet k_ignored = SignalSet::of(k_sigchld, k_sigcont, k_sigurg, k_sigwinch);
    constexpr SignalSet k_stopping = SignalSet::of(k_sigstop, k_sigtstp, k_sigttin, k_sigttou);
    if (k_reported.has(signal))
        return DefaultAction::end_with_report;
    if (k_ignored.has(signal))
        return DefaultAction::ignore;
    return k_stopping.has(signal) ? DefaultAction::stop : DefaultAction::end;
}

// Nothing happens when this signal comes: it is not even kept.
constexpr bool without_effect(const Action& action, int signal) {
    if (action.handler == k_ignore_handler)
        return true;
    const DefaultAction by_default = default_action(signal);
    return action.handler == k_default_handler &&
           (by_default == DefaultAction::ignore || by_default == DefaultAction::stop);
}

constexpr const char* signal_name(int signal) {
    constexpr const char* k_names[] = {
        "SIGHUP",  "SIGINT",    "SIGQUIT", "SIGILL",   "SIGTRAP", "SIGABRT", "SIGBUS",  "SIGFPE",
        "SIGKILL", "SIGUSR1",   "SIGSEGV", "SIGUSR2",  "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT",
        "SIGCHLD", "SIGCONT",   "SIGSTOP", "SIGTSTP",  "SIGTTIN", "SIGTTOU", "SIGURG",  "SIGXCPU",
        "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO",   "SIGPWR",  "SIGSYS"};
    return signal >= 1 && signal < k_first_real_time ? k_names[signal - 1] : "SIGRT";
}

} // namespace os::linux_signals
