#include "linux-threads/futex_table.hpp"

#include <deque>
#include <vector>

#include <doctest/doctest.h>

#include "linux-threads/futex_word.hpp"

namespace {

using namespace os::linux_threads;

std::vector<const FutexWaiter*> g_order;

FutexKey at(std::uint64_t address) {
    return {.place = address};
}

struct Waiting : FutexWaiter {
    explicit Waiting(std::uint64_t where, std::uint32_t which = ~0U) {
        key = at(where);
        bits = which;
        wake = [](FutexWaiter& waiter) { g_order.push_back(&waiter); };
    }
};

constexpr std::uint32_t k_any = ~0U;

WakeOperation operation(unsigned operation, unsigned comparison, int operand, int compared) {
    return decode_wake_operation(operation << 28 | comparison << 24 |
                                 (static_cast<unsigned>(operand) & 0xfff) << 12 |
                                 (static_cast<unsigned>(compared) & 0xfff));
}

} // namespace

TEST_CASE("waiters are woken in the order of arrival, as many as asked for") {
    FutexTable table;
    Waiting first(0x1000), second(0x1000), third(0x1000);
    g_order.clear();
    for (Waiting* waiter : {&first, &second, &third})
        table.add(*waiter);
    CHECK(table.wake(at(0x1000), 2, k_any) == 2);
    CHECK(g_order == std::vector<const FutexWaiter*>{&first, &second});
    CHECK(first.woken);
    CHECK(!third.woken);
    CHECK(table.wake(at(0x1000), 10, k_any) == 1);
    CHECK(table.wake(at(0x1000), 10, k_any) == 0);
}

TEST_CASE("another address in the same bucket is left alone") {
    FutexTable table;
    Waiting wanted(0x5000);
    table.add(wanted);
    std::deque<Waiting> others;
    for (std::uint64_t i = 1; i <= 200; ++i) {
        others.emplace_back(0x5000 + i * 4);
        table.add(others.back());
    }
    CHECK(table.wake(at(0x5000), 1000, k_any) == 1);
    for (Waiting& other : others) {
        CHECK(!other.woken);
        other.unlink();
    }
}

TEST_CASE("bits choose whom to wake") {
    FutexTable table;
    Waiting one(0x1000, 1), two(0x1000, 2), both(0x1000, 3);
    for (Waiting* waiter : {&one, &two, &both})
        table.add(*waiter);
    CHECK(table.wake(at(0x1000), 10, 2) == 2);
    CHECK(!one.woken);
    CHECK(table.wake(at(0x1000), 10, 4) == 0);
    one.unlink();
}

TEST_CASE("moved waiters wait elsewhere, in their order, within one bucket too") {
    for (const std::uint64_t target : {0x2000UL, 0x1000UL + (64UL << 2)}) {
        FutexTable table;
        Waiting first(0x1000), second(0x1000), third(0x1000);
        for (Waiting* waiter : {&first, &second, &third})
            table.add(*waiter);
        CHECK(table.move(at(0x1000), at(target), 2) == 2);
        CHECK(table.wake(at(target), 1, k_any) == 1);
        CHECK(first.woken);
        CHECK(table.wake(at(0x1000), 10, k_any) == 1);
        CHECK(third.woken);
        CHECK(table.wake(at(target), 10, k_any) == 1);
    }
}

TEST_CASE("the same place of two objects, and of none, is three futexes") {
    FutexTable table;
    const int objects[2] = {};
    Waiting plain(0x1000), first(0x1000), second(0x1000);
    first.key.object = &objects[0];
    second.key.object = &objects[1];
    for (Waiting* waiter : {&plain, &first, &second})
        table.add(*waiter);
    CHECK(table.wake(first.key, 10, k_any) == 1);
    CHECK(first.woken);
    CHECK(table.move(second.key, plain.key, 10) == 1);
    CHECK(table.wake(at(0x1000), 10, k_any) == 2);
}

TEST_CASE("a futex can be moved to itself") {
    FutexTable table;
    Waiting waiter(0x1000);
    table.add(waiter);
    CHECK(table.move(at(0x1000), at(0x1000), 10) == 1);
    CHECK(table.wake(at(0x1000), 10, k_any) == 1);
}

TEST_CASE("wake operations change the word and compare what it was") {
    std::uint32_t word = 10;
    CHECK(change_word(operation(0, 0, 5, 0), &word) == 10);
    CHECK(word == 5);
    CHECK(change_word(operation(1, 0, -2, 0), &word) == 5);
    CHECK(word == 3);
    change_word(operation(2, 0, 8, 0), &word);
    CHECK(word == 11);
    change_word(operation(3, 0, 1, 0), &word);
    CHECK(word == 10);
    change_word(operation(4, 0, 6, 0), &word);
    CHECK(word == 12);
    CHECK(change_word(operation(8 | 2, 0, 5, 0), &word) == 12); // the operand is a shift
    CHECK(word == (12 | 32));
}

TEST_CASE("comparisons are signed") {
    const auto before = static_cast<std::uint32_t>(-1);
    CHECK(compares(operation(0, 0, 0, -1), before));
    CHECK(!compares(operation(0, 1, 0, -1), before));
    CHECK(compares(operation(0, 2, 0, 0), before));
    CHECK(compares(operation(0, 3, 0, -1), before));
    CHECK(!compares(operation(0, 4, 0, 0), before));
    CHECK(compares(operation(0, 5, 0, -2), before));
    CHECK(known(operation(4, 5, 0, 0)));
    CHECK(!known(operation(5, 0, 0, 0)));
    CHECK(!known(operation(0, 6, 0, 0)));
}
