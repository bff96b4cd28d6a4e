// Threads as the CPU sees them: a kernel stack, a saved stack pointer, FPU state and the FS base.
#pragma once

#include <cstddef>
#include <cstdint>

#include <arch/trap_frame.hpp>
#include <foundation/types.hpp>

namespace os::arch {

struct Context {
    std::uint64_t stack_pointer = 0; // kernel stack, callee-saved registers on it
    VirtAddr kernel_stack_top;       // where entries from the program begin
    std::uint64_t fs_base = 0;       // the program's thread pointer
    void* fpu = nullptr; // fpu_state_size() bytes, 64-byte aligned; null: a kernel thread
};

// Bytes that XSAVE (or FXSAVE) needs for the state components in use on this CPU.
std::size_t fpu_state_size();
// Those state components, as XCR0 names them; 0: no XSAVE.
std::uint64_t fpu_features();
// The state a fresh program starts with.
void fpu_initialise(void* state);
// Between memory and the registers, for signal frames and new threads. Interrupts off.
void fpu_save(void* state);
void fpu_restore(const void* state);

// The FS base of the running context and of the CPU.
void set_thread_pointer(Context& running, std::uint64_t fs_base);

// Makes `context` the one that entries from the program use, without switching: for the boot path
// when it becomes the first thread, and for a thread that gains an FPU state.
void adopt_context(Context& context);

// Makes the context start in entry(argument) on its kernel stack when it is first switched to, with
// interrupts off. It must not return.
void context_prepare(Context& context, void (*entry)(void*), void* argument);

// Saves the running state into `from` and continues `to`. Interrupts off. Returns when somebody
// switches back.
void context_switch(Context& from, Context& to);

// Leaves the kernel for the program with this frame; the kernel stack starts afresh. Interrupts on
// or off according to frame.rflags.
[[noreturn]] void enter_program(const TrapFrame& frame);

} // namespace os::arch
