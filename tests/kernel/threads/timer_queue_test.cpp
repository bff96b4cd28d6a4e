#include "threads/timer_queue.hpp"

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

#include <doctest/doctest.h>

using os::Nanoseconds;
using os::threads::Timer;
using os::threads::TimerQueue;

namespace {

// The queue under test; Timer's own functions go to it here.
TimerQueue* g_queue = nullptr;

struct Fixture {
    Fixture() { g_queue = &queue; }
    ~Fixture() { g_queue = nullptr; }
    TimerQueue queue;
};

void nothing(void*) {}

} // namespace

void Timer::set(Nanoseconds deadline) {
    g_queue->set(*this, deadline);
}
void Timer::cancel() {
    if (g_queue != nullptr)
        g_queue->cancel(*this);
}

TEST_CASE_FIXTURE(Fixture, "an empty queue waits for ever") {
    CHECK(queue.first_deadline() == os::k_forever);
    CHECK(queue.take_due(os::k_forever) == nullptr);
}

TEST_CASE_FIXTURE(Fixture, "timers come in the order of their deadlines, once each") {
    Timer late(nothing, nullptr);
    Timer early(nothing, nullptr);
    late.set({300});
    early.set({100});
    CHECK(queue.first_deadline() == Nanoseconds{100});
    CHECK(queue.take_due({99}) == nullptr);
    CHECK(queue.take_due({1000}) == &early);
    CHECK_FALSE(early.armed());
    CHECK(queue.take_due({1000}) == &late);
    CHECK(queue.take_due({1000}) == nullptr);
}

TEST_CASE_FIXTURE(Fixture, "equal deadlines come in the order of setting") {
    std::vector<std::unique_ptr<Timer>> timers;
    for (int i = 0; i < 20; ++i) {
        timers.push_back(std::make_unique<Timer>(nothing, nullptr));
        timers.back()->set({50});
    }
    for (const auto& timer : timers)
        CHECK(queue.take_due({50}) == timer.get());
}

TEST_CASE_FIXTURE(Fixture, "setting again moves a timer, cancelling and dying take it out") {
    Timer timer(nothing, nullptr);
    timer.set({10});
    timer.set({500});
    CHECK(queue.take_due({100}) == nullptr);
    CHECK(timer.deadline() == Nanoseconds{500});
    timer.cancel();
    timer.cancel();
    CHECK_FALSE(timer.armed());
    {
        Timer gone(nothing, nullptr);
        gone.set({1});
    }
    CHECK(queue.first_deadline() == os::k_forever);
}

TEST_CASE_FIXTURE(Fixture, "deadlines before the start of time are due at once") {
    Timer timer(nothing, nullptr);
    timer.set({INT64_MIN});
    CHECK(queue.take_due({0}) == &timer);
}

TEST_CASE_FIXTURE(Fixture, "many random settings and cancellations keep the order") {
    std::mt19937 random(6);
    std::vector<std::unique_ptr<Timer>> timers;
    for (int i = 0; i < 300; ++i)
        timers.push_back(std::make_unique<Timer>(nothing, nullptr));
    for (int step = 0; step < 5000; ++step) {
        Timer& timer = *timers[random() % timers.size()];
        if (random() % 3 == 0)
            timer.cancel();
        else
            timer.set({static_cast<std::int64_t>(random() % 1000)});
    }
    auto armed =
        std::count_if(timers.begin(), timers.end(), [](const auto& t) { return t->armed(); });
    Nanoseconds last{INT64_MIN};
    while (Timer* timer = queue.take_due({999})) {
        CHECK(timer->deadline() >= last);
        last = timer->deadline();
        --armed;
    }
    CHECK(armed == 0);
}
