// What a signal tells its handler: the first 48 bytes of Linux's siginfo_t, the rest being zero.
#pragma once

#include <cstddef>
#include <cstdint>

namespace os::linux_signals {

struct SignalInfo {
    std::int32_t signal = 0;
    std::int32_t error = 0;
    std::int32_t code = 0;
    std::int32_t padding = 0;
    // By kind: {pid | uid << 32, value} (sent), {id | overrun << 32, value} (timer), {address}
    // (fault).
    std::uint64_t fields[4] = {};

    static constexpr SignalInfo sent(int signal, int code, std::uint64_t value = 0) {
        return {.signal = signal, .code = code, .fields = {1 /* pid 1, uid 0 */, value}};
    }
    // Sent by the kernel itself: from no process.
    static constexpr SignalInfo of_kernel(int signal) {
        return {.signal = signal, .code = 0x80 /* SI_KERNEL */};
    }
    static constexpr SignalInfo fault(int signal, int code, std::uint64_t address) {
        return {.signal = signal, .code = code, .fields = {address}};
    }
    static constexpr SignalInfo timer(int signal, int id, int overrun, std::uint64_t value) {
        return {
            .signal = signal,
            .code = -2,
            .fields = {static_cast<std::uint32_t>(id) | (static_cast<std::uint64_t>(overrun) << 32),
                       value}};
    }
    constexpr bool of_timer(int id) const {
        return code == -2 &&
               static_cast<std::uint32_t>(fields[0]) == static_cast<std::uint32_t>(id);
    }
};
static_assert(sizeof(SignalInfo) == 48);

inline constexpr std::size_t k_program_info_size = 128; // sizeof(siginfo_t)

// si_code
inline constexpr int k_code_user = 0;
inline constexpr int k_code_kernel = 0x80;
inline constexpr int k_code_queue = -1;
inline constexpr int k_code_timer = -2;
inline constexpr int k_code_thread = -6; // SI_TKILL
inline constexpr int k_segv_unmapped = 1;
inline constexpr int k_segv_forbidden = 2;
inline constexpr int k_bus_missing = 2; // BUS_ADRERR
inline constexpr int k_bus_alignment = 1;
inline constexpr int k_fpe_integer_division = 1;
inline constexpr int k_fpe_overflow = 4;
inline constexpr int k_fpe_underflow = 5;
inline constexpr int k_fpe_division = 3;
inline constexpr int k_fpe_inexact = 6;
inline constexpr int k_fpe_invalid = 7;
inline constexpr int k_ill_operand = 2;
inline constexpr int k_trap_breakpoint = 1;
inline constexpr int k_trap_trace = 2;

} // namespace os::linux_signals
