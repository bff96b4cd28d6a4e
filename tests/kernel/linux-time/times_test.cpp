#include "linux-time/clocks.hpp"

#include <doctest/doctest.h>

#include "linux-time/interval_timer.hpp"

using namespace os::linux_time;
using os::Nanoseconds;

TEST_CASE("times are taken apart and put together") {
    CHECK(nanoseconds_of(Timespec{2, 5}).value() == Nanoseconds{2'000'000'005});
    CHECK(nanoseconds_of(Timeval{2, 5}).value() == Nanoseconds{2'000'005'000});
    CHECK(timespec_of(Nanoseconds{2'000'000'005}).seconds == 2);
    CHECK(timespec_of(Nanoseconds{2'000'000'005}).nanoseconds == 5);
    CHECK(timeval_of(Nanoseconds{1'999'999'999}).microseconds == 999'999);
}

TEST_CASE("times that cannot be are refused") {
    CHECK(!nanoseconds_of(Timespec{-1, 0}).ok());
    CHECK(!nanoseconds_of(Timespec{0, -1}).ok());
    CHECK(!nanoseconds_of(Timespec{0, 1'000'000'000}).ok());
    CHECK(!nanoseconds_of(Timeval{0, 1'000'000}).ok());
    CHECK(nanoseconds_of(Timespec{0, 999'999'999}).ok());
}

TEST_CASE("times beyond all measure are very long, not wrapped around") {
    CHECK(nanoseconds_of(Timespec{INT64_MAX, 999'999'999}).value() == k_longest);
    CHECK(nanoseconds_of(Timeval{INT64_MAX / 1000, 0}).value() == k_longest);
}

TEST_CASE("a thread's clock id is the one that C libraries make") {
    CHECK(cpu_clock_of(1) == ((~1 * 8) | 6));
    CHECK(cpu_clock_of(1) < 0);
}

TEST_CASE("a timer that is not due does not expire") {
    const Expiration none = expirations({100}, {10}, {99});
    CHECK(none.count == 0);
    CHECK(none.next == Nanoseconds{100});
}

TEST_CASE("a timer without an interval expires once") {
    CHECK(expirations({100}, {0}, {1000}).count == 1);
}

TEST_CASE("missed expirations are counted, and the next lies ahead on the grid") {
    const Expiration due = expirations({100}, {10}, {100});
    CHECK(due.count == 1);
    CHECK(due.next == Nanoseconds{110});
    const Expiration late = expirations({100}, {10}, {135});
    CHECK(late.count == 4);
    CHECK(late.next == Nanoseconds{140});
}
