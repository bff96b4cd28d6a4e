// The clocks of clock_gettime(2) by their ids, and times as programs write them.
#pragma once

#include <cstdint>

#include <foundation/result.hpp>
#include <foundation/types.hpp>

namespace os::linux_time {

inline constexpr std::int64_t k_second = 1'000'000'000;

inline constexpr int k_clock_realtime = 0; // linux/time.h
inline constexpr int k_clock_monotonic = 1;
inline constexpr int k_clock_process_cpu = 2;
inline constexpr int k_clock_thread_cpu = 3;

struct Timespec {
    std::int64_t seconds = 0;
    std::int64_t nanoseconds = 0;
};
struct Timeval {
    std::int64_t seconds = 0;
    std::int64_t microseconds = 0;
};

// A span far longer than any machine runs stands for all longer ones.
inline constexpr Nanoseconds k_longest{INT64_MAX / 4};

// einval: negative, or the fraction is out of range.
Result<Nanoseconds> nanoseconds_of(const Timespec& time);
Result<Nanoseconds> nanoseconds_of(const Timeval& time);
constexpr Timespec timespec_of(Nanoseconds time) {
    return {time.value / k_second, time.value % k_second};
}
constexpr Timeval timeval_of(Nanoseconds time) {
    return {time.value / k_second, time.value % k_second / 1000};
}

Result<Nanoseconds> now(int clock); // einval: no such clock
// A thread's CPU time as seen from others: a negative id names a process or thread
// (linux/posix-timers.h), by the complement of its id, one bit for a thread, and two for the kind
// of CPU time, of which 3 stands for a descriptor.
inline constexpr int k_cpu_clock_of_thread = 4;
inline constexpr int k_cpu_clock_scheduler = 2;
inline constexpr int k_cpu_clock_kind = 3;
constexpr int cpu_clock_of(int thread_id) {
    return ~thread_id * 8 | k_cpu_clock_of_thread | k_cpu_clock_scheduler;
}

// Clocks that can be read, but neither slept on nor used by timers: EOPNOTSUPP.
bool only_tells_time(int clock);

// CPU time passes at most as fast as real time; a wait for it looks again from time to time.
bool counts_cpu_time(int clock);
// When, on the monotonic clock, to look whether this clock has reached the deadline.
Nanoseconds when_to_look(int clock, Nanoseconds now, Nanoseconds deadline);

} // namespace os::linux_time
