#include <ctime>

#include <clock/fixed_point.hpp>
#include <clock/rtc.hpp>
#include <doctest/doctest.h>

using os::clock::scale;
using os::clock::seconds_since_1970;

TEST_CASE("every day from 1970 to 2199 agrees with the C library") {
    for (std::int64_t day = 0; day < 84000; ++day) {
        const std::time_t moment = day * 86400 + 3723;
        std::tm parts{};
        gmtime_r(&moment, &parts);
        REQUIRE(seconds_since_1970(parts.tm_year + 1900, static_cast<unsigned>(parts.tm_mon) + 1,
                                   static_cast<unsigned>(parts.tm_mday), 1, 2, 3) == moment);
    }
}

TEST_CASE("scaling keeps all bits of long spans") {
    constexpr std::uint64_t half = 1ULL << 31;
    CHECK(scale(UINT64_MAX, half) == UINT64_MAX / 2);
    CHECK(scale(3, 1ULL << 32) == 3);
}
