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

// The current thread will act on a signal when it returns to the program.
bool deliverable();

// The mask argument of ppoll, pselect6 and epoll_pwait: in force while the object lives.
class TemporaryMask {
public:
    TemporaryMask() = default;
    TemporaryMask(const TemporaryMask&) = delete;
    TemporaryMask& operator=(const TemporaryMask&) = delete;
    // Restores the mask, unless keep_for_handler was called.
    ~TemporaryMask();
    // Address and size as the program gave them; address 0: the mask stays as it is.
    Result<void> set(std::uint64_t address, std::size_t size);
    // The call fails with eintr: the handler still runs under the temporary mask, and the mask is
    // restored when it returns.
    void keep_for_handler();

private:
    bool active_ = false;
};

} // namespace os::linux_signals
