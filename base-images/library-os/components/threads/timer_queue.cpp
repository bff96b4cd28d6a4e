#include "timer_queue.hpp"

namespace os::threads {

void TimerQueue::set(Timer& timer, Nanoseconds deadline) {
    cancel(timer);
    timer.deadline_ = deadline;
    timers_.insert(timer);
}

void TimerQueue::cancel(Timer& timer) {
    if (timer.linked())
        timers_.remove(timer);
}

Nanoseconds TimerQueue::first_deadline() const {
    const Timer* first = timers_.first();
    return first == nullptr ? k_forever : first->deadline_;
}

Timer* TimerQueue::take_due(Nanoseconds now) {
    Timer* first = timers_.first();
    if (first == nullptr || first->deadline_ > now)
        return nullptr;
    timers_.remove(*first);
    return first;
}

} // namespace os::threads
