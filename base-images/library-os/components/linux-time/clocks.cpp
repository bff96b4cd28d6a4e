#include "clocks.hpp"

#include <clock/clock.hpp>
#include <linux-signals/task.hpp>

namespace os::linux_time {

namespace {

constexpr int k_wall_clocks[] = {0, 5, 8, 11};     // REALTIME, _COARSE, _ALARM, TAI
constexpr int k_steady_clocks[] = {1, 4, 6, 7, 9}; // MONOTONIC, _RAW, _COARSE, BOOTTIME, _ALARM

template <std::size_t N>
bool one_of(const int (&ids)[N], int id) {
    for (const int known : ids)
        if (known == id)
            return true;
    return false;
}

Result<Nanoseconds> cpu_time_of(int clock) {
    if ((clock & k_cpu_clock_kind) == k_cpu_clock_kind)
        return Errno::einval;
    const int id = ~(clock >> 3);
    if ((clock & k_cpu_clock_of_thread) == 0)
        return id == 0 || id == 1 ? Result<Nanoseconds>(linux_signals::process_cpu_time())
                                  : Errno::einval;
    if (id == 0)
        return threads::current().cpu_time();
    const linux_signals::Task* task = linux_signals::find_task(id);
    if (task == nullptr)
        return Errno::einval;
    return task->thread.cpu_time();
}

} // namespace

Result<Nanoseconds> now(int clock) {
    if (one_of(k_wall_clocks, clock))
        return clock::realtime();
    if (one_of(k_steady_clocks, clock))
        return clock::monotonic();
    if (clock == k_clock_process_cpu)
        return linux_signals::process_cpu_time();
    if (clock == k_clock_thread_cpu)
        return threads::current().cpu_time();
    return clock < 0 ? cpu_time_of(clock) : Errno::einval;
}

bool only_tells_time(int clock) {
    constexpr int k_raw_and_coarse[] = {4, 5,
                                        6}; // MONOTONIC_RAW, REALTIME_COARSE, MONOTONIC_COARSE
    return one_of(k_raw_and_coarse, clock);
}

bool counts_cpu_time(int clock) {
    return clock < 0 || clock == k_clock_process_cpu || clock == k_clock_thread_cpu;
}

Nanoseconds when_to_look(int clock, Nanoseconds now, Nanoseconds deadline) {
    constexpr Nanoseconds k_least_pause{1'000'000};
    Nanoseconds left = deadline - now;
    if (counts_cpu_time(clock) && left < k_least_pause)
        left = k_least_pause;
    return clock::monotonic() + (left < k_longest ? left : k_longest);
}

} // namespace os::linux_time
