#include "fake_config_space.hpp"

#include <doctest/doctest.h>
#include <pci/pin_line.hpp>

using os::Nanoseconds;
using os::pci::PinLine;

namespace {

constexpr Nanoseconds k_calm = {};

// A function whose handler silences it or not.
struct FakeFunction {
    FakeConfigSpace space;
    PinLine::Member member{&space, {&FakeFunction::handle, this}, nullptr};
    int calls = 0;
    bool silences = true;

    void raise() { space.bytes[6] |= 8; }
    static void handle(void* argument) {
        auto& self = *static_cast<FakeFunction*>(argument);
        ++self.calls;
        if (self.silences)
            self.space.bytes[6] &= static_cast<std::uint8_t>(~8);
    }
};

// Interrupts `count` times with `gap` in between; how long the line had to rest in all.
template <typename Before>
std::int64_t storm(PinLine& line, unsigned count, Nanoseconds gap, Before before) {
    std::int64_t rest = 0;
    Nanoseconds now{1'000'000'000};
    for (unsigned i = 0; i < count; ++i) {
        before();
        now = now + gap;
        rest += line.interrupted(now).value;
    }
    return rest;
}

} // namespace

TEST_CASE("all functions of a line are called, and one interrupt proves it") {
    PinLine line;
    FakeFunction first;
    FakeFunction second;
    line.add(first.member);
    line.add(second.member);
    line.call_handlers();
    CHECK_FALSE(line.proven());
    CHECK(line.interrupted({5}) == k_calm);
    CHECK(line.proven());
    CHECK(first.calls == 2);
    CHECK(second.calls == 2);
}

TEST_CASE("a busy line whose functions are served never rests") {
    PinLine line;
    FakeFunction idle;
    FakeFunction busy;
    line.add(idle.member);
    line.add(busy.member);
    CHECK(storm(line, 10'000, {5'000}, [&] { busy.raise(); }) == 0);
}

TEST_CASE("a line that somebody unknown raises without end rests longer than it works") {
    PinLine line;
    FakeFunction ours;
    line.add(ours.member);
    const std::int64_t rest = storm(line, 6'400, {5'000}, [] {});
    CHECK(rest > 6'000 * 5'000);
}

TEST_CASE("a line whose own function cannot be silenced rests as well") {
    PinLine line;
    FakeFunction stuck;
    stuck.silences = false;
    stuck.raise();
    line.add(stuck.member);
    CHECK(storm(line, 6'400, {20'000}, [] {}) > 0);
}

TEST_CASE("slow interrupts are nobody's harm, whatever the status says") {
    PinLine line;
    FakeFunction ours;
    line.add(ours.member);
    storm(line, PinLine::k_judged_every, {1'000'000}, [] {});
    Nanoseconds now{10'000'000'000};
    for (unsigned i = 0; i < 1000; ++i) {
        now = now + Nanoseconds{1'000'000};
        CHECK(line.interrupted(now) == k_calm);
    }
}

TEST_CASE("a listener that is no PCI function is called and not asked for its status") {
    PinLine line;
    FakeFunction other;
    other.member.space = nullptr;
    line.add(other.member);
    for (unsigned i = 0; i < PinLine::k_judged_every; ++i)
        (void)line.interrupted({1});
    CHECK(other.calls == static_cast<int>(PinLine::k_judged_every));
}
