// System calls by number, through the table that the link step wrote.
#pragma once

#include <cstdint>

#include <arch/trap_frame.hpp>
#include <foundation/result.hpp>

namespace os {

struct SyscallArguments {
    std::uint64_t value[6]; // rdi, rsi, rdx, r10, r8, r9
    arch::TrapFrame* frame; // the program's registers; a handler may change them

    template <typename T>
    T as(unsigned index) const {
        return static_cast<T>(value[index]);
    }
};

// Returns what the program finds in rax: a value, or a negative error number.
using SyscallHandler = std::int64_t (*)(SyscallArguments&);

template <typename T>
std::int64_t reply(const Result<T>& result) {
    if (!result.ok())
        return -static_cast<std::int64_t>(result.error());
    if constexpr (!__is_same(T, void))
        return static_cast<std::int64_t>(result.value());
    return 0;
}

namespace syscall {
Result<void> start();

// The call is to be made again after the signal handler, if its action says SA_RESTART: the value a
// handler returns then, never seen by the program.
inline constexpr std::int64_t k_restart = -512;          // as Linux's ERESTARTSYS
inline constexpr std::int64_t k_restart_always = -513;   // whatever the action says
inline constexpr std::int64_t k_restart_or_eintr = -514; // restarted only when no handler ran
} // namespace syscall

} // namespace os
