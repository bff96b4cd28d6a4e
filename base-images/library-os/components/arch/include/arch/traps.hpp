// Who handles what the CPU enters the kernel for. Handlers are set once, by start steps.
//
// Path: every exception and interrupt enters on an IST stack, because programs use the red zone at
// ring 0; the entry code moves at once to the thread's kernel stack (below the interrupted stack
// pointer when the kernel itself was interrupted), so that handlers may block or switch threads
// where their kind allows it.
#pragma once

#include <arch/trap_frame.hpp>

namespace os::arch {

// Runs with interrupts as they were for exceptions, and off for interrupt vectors (32..127).
using TrapHandler = void (*)(TrapFrame&);
void set_trap_handler(unsigned vector, TrapHandler handler);

// Runs with interrupts on. The result goes into frame.rax.
void set_syscall_handler(TrapHandler handler);

// Called with interrupts off on every way back to the program (system call, exception, interrupt):
// the place for deferred work, preemption and signals. May block and may change the frame.
void set_return_handler(TrapHandler handler);

// The vector of an interrupt whose handler nobody set is counted and ignored; an exception panics.

inline constexpr unsigned k_cpu_vectors = 256;
inline constexpr unsigned k_trap_vectors = 128; // those we use
inline constexpr unsigned k_first_interrupt_vector = 32;
// Interrupts beyond those we use enter as this one, which nobody gets: what ran before us, firmware
// or by kexec a Linux, may have left some pending in the local APIC.
inline constexpr unsigned k_stray_vector = k_first_interrupt_vector;

// The end, with the registers of what trapped: for handlers that cannot resolve an exception of
// the kernel itself.
[[noreturn]] void panic_on_trap(const TrapFrame& frame);
// The frame that panic_on_trap was given; null in any other panic.
const TrapFrame* panic_frame();
// "page fault", "divide error", …; "exception" for numbers without a name.
const char* exception_name(unsigned vector);

} // namespace os::arch
