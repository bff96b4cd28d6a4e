// Running the program's handlers, linked only where the program can install one: rt_sigaction sets
// the hook when it is first used.
#pragma once

#include <arch/trap_frame.hpp>
#include <linux-signals/task.hpp>

#include "actions.hpp"

namespace os::linux_signals {

// Makes the frame enter the handler. efault: the stack has no room for it.
using HandlerEntry = Result<void> (*)(Task&, arch::TrapFrame&, const SignalInfo&, const Action&);
void set_handler_entry(HandlerEntry entry);
Result<void> enter_handler(Task& task, arch::TrapFrame& frame, const SignalInfo& info,
                           const Action& action);

// The hook of threads::set_return_to_program_hook.
void act_on_signals(arch::TrapFrame& frame);

// In TrapFrame::vector once the registers are no longer those of a system call, so that it is not
// restarted.
inline constexpr std::uint64_t k_no_vector = ~std::uint64_t{0};

} // namespace os::linux_signals
