// Times as programs write them: pure arithmetic.
#include "clocks.hpp"

namespace os::linux_time {

namespace {

Result<Nanoseconds> sum(std::int64_t seconds, std::int64_t fraction, std::int64_t per_second) {
    if (seconds < 0 || fraction < 0 || fraction >= per_second)
        return Errno::einval;
    if (seconds >= k_longest.value / k_second)
        return k_longest;
    return Nanoseconds{seconds * k_second + fraction * (k_second / per_second)};
}

} // namespace

Result<Nanoseconds> nanoseconds_of(const Timespec& time) {
    return sum(time.seconds, time.nanoseconds, k_second);
}

Result<Nanoseconds> nanoseconds_of(const Timeval& time) {
    return sum(time.seconds, time.microseconds, 1'000'000);
}

} // namespace os::linux_time
