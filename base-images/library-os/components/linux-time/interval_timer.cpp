#include "interval_timer.hpp"

#include "clocks.hpp"

namespace os::linux_time {

namespace {

// The clock was checked when the timer was made; a thread's clock ends with the thread.
Nanoseconds time_of(int clock) {
    const Result<Nanoseconds> time = now(clock);
    return time.ok() ? time.value() : Nanoseconds{};
}

} // namespace

TimerSetting IntervalTimer::setting() const {
    if (!running_)
        return {{}, interval_};
    const Nanoseconds left = deadline_ - time_of(clock_);
    // A running timer never shows 0, which would mean that it is stopped.
    return {left.value > 0 ? left : Nanoseconds{1}, interval_};
}

void IntervalTimer::set(Nanoseconds deadline, Nanoseconds interval) {
    running_ = true;
    deadline_ = deadline;
    interval_ = interval;
    timer_.set(when_to_look(clock_, time_of(clock_), deadline_));
}

void IntervalTimer::stop() {
    running_ = false;
    interval_ = {};
    timer_.cancel();
}

void IntervalTimer::look(void* self) {
    static_cast<IntervalTimer*>(self)->check();
}

void IntervalTimer::check() {
    const Nanoseconds time = time_of(clock_);
    const Expiration expiration = expirations(deadline_, interval_, time);
    deadline_ = expiration.next;
    running_ = expiration.count == 0 || interval_.value != 0;
    if (running_)
        timer_.set(when_to_look(clock_, time, deadline_));
    if (expiration.count > 0)
        expired_(*this, expiration.count);
}

} // namespace os::linux_time
