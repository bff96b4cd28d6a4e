// What each CPU keeps for itself, reached through the GS base, which always points here: the
// program never gets GS. Offsets are shared with traps.S.
#pragma once

#define UNIK_CPU_SELF 0
#define UNIK_CPU_KERNEL_STACK 8
#define UNIK_CPU_SCRATCH 16
#define UNIK_CPU_TRAP_RAX 24
#define UNIK_CPU_TRAP_RCX 32
#define UNIK_CPU_MOVING 40

#ifndef __ASSEMBLER__
#include <cstddef>
#include <cstdint>

namespace os::arch {

struct PerCpu {
    PerCpu* self = nullptr;
    std::uint64_t kernel_stack_top = 0; // of the running thread
    std::uint64_t scratch = 0;          // system call entry
    std::uint64_t trap_rax = 0;         // trap entry
    std::uint64_t trap_rcx = 0;
    // The interrupted instruction while the trap entry fills the kernel stack, else 0. A trap that
    // finds it set means that the kernel stack has run into its guard page.
    std::uint64_t moving = 0;
    void* thread = nullptr; // for the component `threads`
    unsigned index = 0;
};
static_assert(offsetof(PerCpu, kernel_stack_top) == UNIK_CPU_KERNEL_STACK);
static_assert(offsetof(PerCpu, scratch) == UNIK_CPU_SCRATCH);
static_assert(offsetof(PerCpu, trap_rax) == UNIK_CPU_TRAP_RAX);
static_assert(offsetof(PerCpu, trap_rcx) == UNIK_CPU_TRAP_RCX);
static_assert(offsetof(PerCpu, moving) == UNIK_CPU_MOVING);

inline PerCpu& per_cpu() {
    PerCpu* self;
    asm volatile("movq %%gs:0, %0" : "=r"(self));
    return *self;
}

} // namespace os::arch
#endif
