// How a program ends: by itself, or by a signal whose default action that is.
#pragma once

#include <arch/trap_frame.hpp>
#include <linux-signals/signal_info.hpp>
#include <linux-signals/task.hpp>

namespace os::linux_signals {

// Exit code as the program gave it; the host sees the low eight bits.
[[noreturn]] void end_program(int code);

// What is done before the machine goes off when a program has ended: in a thread, interrupts on,
// and nothing else of the program runs any more.
void set_farewell(void (*action)());

// Tells the host why (event "signal", and a text on a plain console), then ends with 128 + signal.
[[noreturn]] void end_by_signal(Task& task, const SignalInfo& info, const arch::TrapFrame& frame);

// A page was touched and no frame is left for it: event "out-of-memory", exit code 137.
[[noreturn]] void end_out_of_memory(std::uint64_t address);

// Where program code begins, subtracted from addresses in crash reports by who symbolises them.
void set_program_base(std::uint64_t base);

// An exception of the program: acts at once when the default action ends it, else leaves the
// signal for the way back to the program. A blocked or ignored signal ends the program too, since
// the instruction cannot be continued.
void raise_fault(arch::TrapFrame& frame, const SignalInfo& info);

} // namespace os::linux_signals
