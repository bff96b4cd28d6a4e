// The registers of interrupted or calling code, as the entry paths in traps.S push them: the one
// layout for exceptions, interrupts and system calls.
#pragma once

#include <cstdint>

namespace os::arch {

struct TrapFrame {
    std::uint64_t r15, r14, r13, r12, r11, r10, r9, r8;
    std::uint64_t rbp, rdi, rsi, rdx, rcx, rbx, rax;
    std::uint64_t vector;     // exception or interrupt; k_syscall_vector for a system call
    std::uint64_t error_code; // 0 where the CPU pushes none; the number of a system call
    std::uint64_t rip, cs, rflags, rsp, ss; // as iretq takes them

    // Kernel and program share ring 0: the half of the address space tells them apart.
    bool from_program() const { return static_cast<std::int64_t>(rip) >= 0; }
};
static_assert(sizeof(TrapFrame) == 22 * 8);

inline constexpr std::uint64_t k_syscall_vector = 256;

} // namespace os::arch
