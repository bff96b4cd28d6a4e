// The registers of a trap frame that reports show, by name and in the order to read them.
#pragma once

#include <cstddef>

#include <arch/trap_frame.hpp>

namespace os::arch {

struct NamedRegister {
    const char* name;
    std::uint64_t TrapFrame::*value;
};

inline constexpr NamedRegister k_registers[] = {
    {"rip", &TrapFrame::rip}, {"rsp", &TrapFrame::rsp}, {"rflags", &TrapFrame::rflags},
    {"rax", &TrapFrame::rax}, {"rbx", &TrapFrame::rbx}, {"rcx", &TrapFrame::rcx},
    {"rdx", &TrapFrame::rdx}, {"rsi", &TrapFrame::rsi}, {"rdi", &TrapFrame::rdi},
    {"rbp", &TrapFrame::rbp}, {"r8", &TrapFrame::r8},   {"r9", &TrapFrame::r9},
    {"r10", &TrapFrame::r10}, {"r11", &TrapFrame::r11}, {"r12", &TrapFrame::r12},
    {"r13", &TrapFrame::r13}, {"r14", &TrapFrame::r14}, {"r15", &TrapFrame::r15},
};
inline constexpr std::size_t k_register_count = sizeof k_registers / sizeof k_registers[0];

} // namespace os::arch
