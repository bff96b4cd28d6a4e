// Armed timers in the order of their deadlines; those of one deadline in the order of setting. The
// nodes lie in the timers, so that setting one cannot fail.
#pragma once

#include <threads/timer.hpp>

namespace os::threads {

class TimerQueue {
public:
    void set(Timer& timer, Nanoseconds deadline); // moves it when it is armed
    void cancel(Timer& timer);                    // nothing when it is not
    Nanoseconds first_deadline() const;           // k_forever when there is none
    // Takes the first timer out whose deadline is not after `now`; null when there is none.
    Timer* take_due(Nanoseconds now);

private:
    struct Order {
        static bool before(const Timer& a, const Timer& b) { return a.deadline_ < b.deadline_; }
    };
    Tree<Timer, Order> timers_;
};

} // namespace os::threads
