// A timer on one of the program's clocks, once or again and again.
#pragma once

#include <foundation/types.hpp>
#include <threads/timer.hpp>

namespace os::linux_time {

struct TimerSetting {
    Nanoseconds left;     // until the next expiration; 0: not running
    Nanoseconds interval; // 0: once
};

class IntervalTimer {
public:
    // `expired` is called at safe points with the number of expirations since the last call.
    constexpr IntervalTimer(int clock, void (*expired)(IntervalTimer&, std::int64_t count))
        : expired_(expired), clock_(clock), timer_(&look, this) {}

    TimerSetting setting() const;
    // The first expiration at `deadline` on the timer's clock.
    void set(Nanoseconds deadline, Nanoseconds interval);
    void stop();
    int clock() const { return clock_; }

private:
    static void look(void* self);
    void check();

    void (*expired_)(IntervalTimer&, std::int64_t);
    int clock_;
    bool running_ = false;
    Nanoseconds deadline_{};
    Nanoseconds interval_{};
    threads::Timer timer_;
};

// The expirations until `now`, and the next deadline, which is later.
struct Expiration {
    std::int64_t count;
    Nanoseconds next;
};
constexpr Expiration expirations(Nanoseconds deadline, Nanoseconds interval, Nanoseconds now) {
    if (now < deadline)
        return {0, deadline};
    if (interval.value == 0)
        return {1, deadline};
    const std::int64_t more = (now - deadline).value / interval.value;
    return {1 + more, deadline + Nanoseconds{(more + 1) * interval.value}};
}

} // namespace os::linux_time
