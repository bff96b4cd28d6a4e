// The PC's battery-backed clock (Motorola MC146818).
#pragma once

#include <cstdint>

namespace os::clock {

// Seconds since 1970, taking the clock to keep UTC; 0 where there is none.
std::int64_t read_rtc();

// Of a date of the Gregorian calendar.
std::int64_t seconds_since_1970(std::int64_t year, unsigned month, unsigned day, unsigned hour,
                                unsigned minute, unsigned second);

} // namespace os::clock
