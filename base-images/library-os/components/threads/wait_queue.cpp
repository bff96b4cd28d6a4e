#include <threads/wait_queue.hpp>

#include <arch/cpu.hpp>

#include "scheduler.hpp"

namespace os::threads {

WakeReason WaitQueue::wait(Nanoseconds deadline, Interruptible interruptible) {
    const arch::InterruptGuard guard;
    return Scheduler::wait(waiters_, deadline, interruptible);
}

void WaitQueue::wake_one() {
    const arch::InterruptGuard guard;
    if (Waiter* waiter = waiters_.front())
        Scheduler::wake(*waiter, WakeReason::woken);
}

void WaitQueue::wake_all() {
    const arch::InterruptGuard guard;
    while (Waiter* waiter = waiters_.front())
        Scheduler::wake(*waiter, WakeReason::woken);
}

bool sleep_until(Nanoseconds deadline) {
    WaitQueue nobody;
    return nobody.wait(deadline) != WakeReason::interrupted;
}

} // namespace os::threads
