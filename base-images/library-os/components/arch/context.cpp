// Switching between threads: stack, FPU state, FS base and the stack for entries.
#include <arch/context.hpp>

#include <arch/cpu.hpp>
#include <arch/per_cpu.hpp>

extern "C" {
void unik_switch_stacks(std::uint64_t* save_stack_pointer, std::uint64_t new_stack_pointer);
void unik_context_start();
[[noreturn]] void unik_enter_program(const os::arch::TrapFrame* frame);
}

namespace os::arch {
namespace {

constexpr std::uint32_t k_msr_fs_base = 0xc0000100;

} // namespace

void set_thread_pointer(Context& running, std::uint64_t fs_base) {
    running.fs_base = fs_base;
    write_msr(k_msr_fs_base, fs_base);
}

void adopt_context(Context& context) {
    per_cpu().kernel_stack_top = context.kernel_stack_top.value;
    write_msr(k_msr_fs_base, context.fs_base);
}

void context_prepare(Context& context, void (*entry)(void*), void* argument) {
    // As unik_switch_stacks leaves it: r15 r14 r13 r12 rbp rbx, return address. The stack is
    // 16-byte aligned when unik_context_start begins.
    auto* top = context.kernel_stack_top.as<std::uint64_t>();
    std::uint64_t* stack = top - 9;
    stack[0] = 0;
    stack[1] = 0;
    stack[2] = reinterpret_cast<std::uint64_t>(argument); // r13
    stack[3] = reinterpret_cast<std::uint64_t>(entry);    // r12
    stack[4] = 0;
    stack[5] = 0;
    stack[6] = reinterpret_cast<std::uint64_t>(&unik_context_start);
    stack[7] = 0;
    stack[8] = 0;
    context.stack_pointer = reinterpret_cast<std::uint64_t>(stack);
}

void context_switch(Context& from, Context& to) {
    if (from.fpu != nullptr)
        fpu_save(from.fpu);
    if (to.fpu != nullptr)
        fpu_restore(to.fpu);
    per_cpu().kernel_stack_top = to.kernel_stack_top.value;
    if (from.fs_base != to.fs_base)
        write_msr(k_msr_fs_base, to.fs_base);
    unik_switch_stacks(&from.stack_pointer, to.stack_pointer);
}

void enter_program(const TrapFrame& frame) {
    interrupts_off();
    unik_enter_program(&frame);
}

} // namespace os::arch
