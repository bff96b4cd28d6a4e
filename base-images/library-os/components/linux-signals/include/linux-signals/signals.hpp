// Sending signals, waiting for them and masks, for the components that make system calls.
//
// A call that waits and was interrupted: syscall::k_restart where Linux restarts after SA_RESTART
// handlers, syscall::k_restart_or_eintr where it never does after a handler. Before giving up on
// WakeReason::interrupted ask deliverable(): when another thread took the signal, go on waiting.
#pragma once

#include <cstddef>
#include <cstdint>

#include <foundation/result.hpp>
#include <linux-signals/signal_info.hpp>
#include <linux-signals/signal_set.hpp>

namespace os::threads {
class Thread;
}

namespace os::linux_signals {

class Task;

Result<void> start();

// To the current thread: SIGPIPE of a write, SIGXFSZ… with SI_USER, as Linux does.
void raise_for_current(int signal);

// To the process: the thread that acts is any that does not block the signal. Real-time signals
// queue (eagain when the queue is full); others are pending at most once. Not in interrupt context.
Result<void> raise_for_process(const SignalInfo& info);
Result<void> raise_for_task(Task& task, const SignalInfo& info);

// What a timer sent to the thread (null: to the process) and was not yet acted upon; null: nothing.
SignalInfo* pending_of_timer(Task* task, int timer_id);

// What is pending for the current thread or the process, blocked or not; and taking it away.
SignalSet pending_for_current();
bool take_for_current(SignalSet wanted, SignalInfo& out);

// Called whenever a signal is kept for later, under the lock of the signals: for files that tell of
// signals.
void set_arrival_hook(void (*hook)());

// The current thread will act on a signal when it returns to the program.
bool deliverable();

// The current thread's mask changes; signals of the process that it now blocks find another thread.
void set_blocked(Task& task, SignalSet blocked);
// Waits that have their own mask (ppoll, rt_sigsuspend…), also reached through vfs/hooks.hpp. The
// mask from before comes back with end_masked_wait, or, when the wait was interrupted and that is
// not called, once the signal's handler returns.
void begin_masked_wait(SignalSet mask);
void end_masked_wait();

} // namespace os::linux_signals
