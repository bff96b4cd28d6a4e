#include "rtc.hpp"

namespace os::clock {

std::int64_t seconds_since_1970(std::int64_t year, unsigned month, unsigned day, unsigned hour,
                                unsigned minute, unsigned second) {
    // Years begin in March, so that the leap day comes last; 400 years have 146097 days.
    const std::int64_t shifted = month <= 2 ? year - 1 : year;
    const std::int64_t month_from_march = month <= 2 ? month + 9 : month - 3;
    const std::int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    constexpr std::int64_t days_before_1970 = 719468; // since 0000-03-01
    const std::int64_t days = shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 +
                              day_of_year - days_before_1970;
    return ((days * 24 + hour) * 60 + minute) * 60 + second;
}

} // namespace os::clock
