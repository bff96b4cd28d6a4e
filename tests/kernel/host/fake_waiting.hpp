// Waiting and time for tests on the host, where there is one thread: a wait runs what the test left
// to happen meanwhile. Included by one source file of a test executable, since it defines things.
#pragma once

#include <functional>
#include <utility>

#include <clock/clock.hpp>
#include <threads/wait_queue.hpp>

namespace host {

inline os::Nanoseconds now{1'000'000'000'000};
// What happens during the next wait; without it, waits time out.
inline std::function<os::threads::WakeReason()> during_wait;
// What else each wait brings: time that passes.
inline std::function<void()> on_wait;
inline int waits = 0;
inline int wakes = 0;

} // namespace host

namespace os::clock {

Nanoseconds monotonic() {
    return host::now;
}
Nanoseconds realtime() {
    return host::now;
}

} // namespace os::clock

namespace os::threads {

WakeReason WaitQueue::wait(Nanoseconds, Interruptible) {
    ++host::waits;
    if (host::on_wait)
        host::on_wait();
    if (!host::during_wait)
        return WakeReason::timed_out;
    const auto action = std::exchange(host::during_wait, nullptr);
    return action();
}
void WaitQueue::wake_one() {
    ++host::wakes;
}
void WaitQueue::wake_all() {
    ++host::wakes;
}

} // namespace os::threads
