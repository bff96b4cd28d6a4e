// Time: a monotonic clock from boot on, the wall clock, and one alarm.
#pragma once

#include <cstdint>

#include <foundation/result.hpp>
#include <foundation/types.hpp>

namespace os::clock {

// Calibrates the TSC and the local APIC timer (kvmclock's and CPUID's word goes before measuring).
Result<void> start();

Nanoseconds monotonic(); // since boot; any context
Nanoseconds realtime();  // since 1970 UTC
void set_realtime(Nanoseconds now);

// The monotonic time of a time stamp, for what was noted before the clock had started.
Nanoseconds at_tsc(std::uint64_t tsc);

// monotonic = ((tsc - base_tsc) * multiplier) >> shift, for the vDSO.
struct TscParameters {
    std::uint64_t base_tsc = 0;
    std::uint64_t multiplier = 0; // 32.32-like fixed point, see shift
    unsigned shift = 32;
    std::int64_t realtime_offset = 0; // realtime - monotonic, nanoseconds
};
TscParameters tsc_parameters();

// The handler runs in interrupt context once the deadline (monotonic) has passed. A new deadline
// replaces the old one; k_forever switches the alarm off.
void set_alarm_handler(void (*handler)());
void set_alarm(Nanoseconds deadline);

} // namespace os::clock
