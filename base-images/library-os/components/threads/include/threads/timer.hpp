// Timers and deferred work. Both run their action at safe points: on the way back to the program,
// before the CPU idles, or before a thread blocks; never in interrupt context and never in the
// middle of other kernel code. Actions must not block.
#pragma once

#include <foundation/list.hpp>
#include <foundation/tree.hpp>
#include <foundation/types.hpp>

namespace os::threads {

class Timer : public TreeNode<> {
public:
    constexpr Timer(void (*action)(void*), void* argument) : action_(action), argument_(argument) {}
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;
    ~Timer() { cancel(); }

    // Monotonic; replaces an earlier setting. Once passed, it fires at the next safe point.
    void set(Nanoseconds deadline);
    void cancel();
    bool armed() const { return linked(); }
    Nanoseconds deadline() const { return deadline_; }

private:
    friend class TimerQueue;
    friend class SafePoint;
    void (*action_)(void*);
    void* argument_;
    Nanoseconds deadline_{};
};

// Work that an interrupt handler leaves for the next safe point.
class Deferred : public ListNode<> {
public:
    constexpr Deferred(void (*action)(void*), void* argument)
        : action_(action), argument_(argument) {}
    void schedule(); // any context; once until it has run
    void cancel();   // before it dies, where it may be scheduled then

private:
    friend class SafePoint;
    void (*action_)(void*);
    void* argument_;
};

// Runs due timers and scheduled work now; for code that polls.
void run_deferred();

} // namespace os::threads
