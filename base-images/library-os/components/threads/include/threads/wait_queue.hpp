// Waiting for something to happen.
//
// The pattern is a loop around a condition; nothing can slip in between the test and the wait when
// the condition changes only in kernel code (not preempted) or under InterruptGuard:
//
//     while (!condition)
//         if (queue.wait(deadline) != WakeReason::woken) return …;
#pragma once

#include <foundation/list.hpp>
#include <foundation/types.hpp>

namespace os::threads {

class Thread;

enum class WakeReason { woken, timed_out, interrupted };
enum class Interruptible { yes, no };

class WaitQueue;

// One waiting thread; lies on its stack.
class Waiter : public ListNode<> {
private:
    friend class Scheduler;
    Thread* thread = nullptr;
    WakeReason reason = WakeReason::woken;
    Interruptible interruptible = Interruptible::yes;
    bool done = false;
};

class WaitQueue {
public:
    // Blocks the current thread until woken, until `deadline` (monotonic) or until a signal.
    WakeReason wait(Nanoseconds deadline = k_forever,
                    Interruptible interruptible = Interruptible::yes);
    // Any context.
    void wake_one();
    void wake_all();
    bool empty() const { return waiters_.empty(); }

private:
    List<Waiter> waiters_;
};

// Sleeps until the deadline; false when a signal came first.
bool sleep_until(Nanoseconds deadline);

} // namespace os::threads
