// Signal numbers of the Linux x86-64 ABI and sets of them.
#pragma once

#include <cstdint>

namespace os::linux_signals {

inline constexpr int k_signal_count = 64; // 1..64

inline constexpr int k_sighup = 1;
inline constexpr int k_sigint = 2;
inline constexpr int k_sigquit = 3;
inline constexpr int k_sigill = 4;
inline constexpr int k_sigtrap = 5;
inline constexpr int k_sigabrt = 6;
inline constexpr int k_sigbus = 7;
inline constexpr int k_sigfpe = 8;
inline constexpr int k_sigkill = 9;
inline constexpr int k_sigsegv = 11;
inline constexpr int k_sigpipe = 13;
inline constexpr int k_sigalrm = 14;
inline constexpr int k_sigterm = 15;
inline constexpr int k_sigchld = 17;
inline constexpr int k_sigcont = 18;
inline constexpr int k_sigstop = 19;
inline constexpr int k_sigtstp = 20;
inline constexpr int k_sigttin = 21;
inline constexpr int k_sigttou = 22;
inline constexpr int k_sigurg = 23;
inline constexpr int k_sigxcpu = 24;
inline constexpr int k_sigxfsz = 25;
inline constexpr int k_sigvtalrm = 26;
inline constexpr int k_sigprof = 27;
inline constexpr int k_sigwinch = 28;
inline constexpr int k_sigsys = 31;
inline constexpr int k_first_real_time = 32;

constexpr bool valid_signal(std::int64_t number) {
    return number >= 1 && number <= k_signal_count;
}

// As the program's sigset_t of 8 bytes: bit n-1 is signal n.
struct SignalSet {
    std::uint64_t bits = 0;

    static constexpr SignalSet of(int signal) { return {std::uint64_t{1} << (signal - 1)}; }
    template <typename... More>
    static constexpr SignalSet of(int first, More... more) {
        return {of(first).bits | of(more...).bits};
    }
    constexpr bool has(int signal) const { return (bits & of(signal).bits) != 0; }
    constexpr bool empty() const { return bits == 0; }
    // The lowest member; the set is not empty.
    constexpr int lowest() const { return __builtin_ctzll(bits) + 1; }
    constexpr void add(int signal) { bits |= of(signal).bits; }
    constexpr void remove(int signal) { bits &= ~of(signal).bits; }
    constexpr SignalSet operator|(SignalSet other) const { return {bits | other.bits}; }
    constexpr SignalSet operator&(SignalSet other) const { return {bits & other.bits}; }
    constexpr SignalSet without(SignalSet other) const { return {bits & ~other.bits}; }
    constexpr bool operator==(const SignalSet&) const = default;
};

inline constexpr SignalSet k_unblockable = SignalSet::of(k_sigkill, k_sigstop);
// Raised by the instruction that ran: delivered before all others.
inline constexpr SignalSet k_synchronous =
    SignalSet::of(k_sigsegv, k_sigbus, k_sigill, k_sigtrap, k_sigfpe, k_sigsys);

} // namespace os::linux_signals
