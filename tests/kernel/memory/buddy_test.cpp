#include "memory/buddy.hpp"
#include "memory/frame_cache.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <vector>

#include <doctest/doctest.h>

namespace {

using os::memory::Buddy;
using os::memory::FrameRange;

constexpr std::size_t k_frame = 4096;

// Memory whose frames have numbers as if the buffer began at frame `first`.
class Machine {
public:
    Machine(std::uint64_t first, std::uint64_t count)
        : first_(first), count_(count),
          memory_(static_cast<std::uint8_t*>(std::aligned_alloc(k_frame, count * k_frame))) {
        buddy.set_base(memory_ - first * k_frame);
    }
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;
    ~Machine() { std::free(memory_); }

    void add(FrameRange range) {
        const std::uint64_t words = Buddy::table_size(range) / 8;
        tables_.push_back(std::make_unique<std::vector<std::uint64_t>>(words));
        buddy.add_zone(range, reinterpret_cast<std::uint8_t*>(tables_.back()->data()));
        buddy.release(range);
    }

    void fill(std::uint8_t value) { std::memset(memory_, value, count_ * k_frame); }
    std::uint8_t first_byte(std::uint64_t frame) const {
        return memory_[(frame - first_) * k_frame];
    }

    Buddy buddy;

private:
    std::uint64_t first_;
    std::uint64_t count_;
    std::uint8_t* memory_;
    std::vector<std::unique_ptr<std::vector<std::uint64_t>>> tables_;
};

} // namespace

TEST_CASE("a block is aligned to its size and everything merges again") {
    Machine machine(0, 1024);
    machine.add({0, 1024});
    std::vector<std::uint64_t> blocks;
    for (unsigned order = 0; order < 9; ++order) {
        const auto block = machine.buddy.allocate(order);
        REQUIRE(block.ok());
        CHECK(block.value() % (1ULL << order) == 0);
        blocks.push_back(block.value());
    }
    CHECK(machine.buddy.free_count() == 1024 - 511);
    for (unsigned order = 0; order < 9; ++order)
        machine.buddy.free(blocks[order], order);
    CHECK(machine.buddy.free_count() == 1024);
    CHECK(machine.buddy.allocate(10).ok());
}

TEST_CASE("what cannot be met is refused") {
    Machine machine(0, 64);
    machine.add({0, 64});
    CHECK_FALSE(machine.buddy.allocate(7).ok());
    CHECK_FALSE(machine.buddy.allocate(Buddy::k_orders).ok());
    CHECK_FALSE(machine.buddy.allocate_run(0).ok());
    CHECK_FALSE(machine.buddy.allocate_run(65).ok());
    CHECK_FALSE(machine.buddy.allocate_run(UINT64_MAX).ok());
    for (int i = 0; i < 64; ++i)
        CHECK(machine.buddy.allocate(0).ok());
    CHECK_FALSE(machine.buddy.allocate(0).ok());
}

TEST_CASE("zones need no alignment, and blocks never reach across their borders") {
    Machine machine(0x101, 0x400);
    machine.add({0x101, 0x1f3});
    machine.add({0x200, 0x2ff}); // its buddies partly lie in no zone
    const std::uint64_t total = machine.buddy.total();
    CHECK(total == 0xf2 + 0xff);
    std::set<std::uint64_t> frames;
    for (std::uint64_t i = 0; i < total; ++i) {
        const auto frame = machine.buddy.allocate(0);
        REQUIRE(frame.ok());
        CHECK(((frame.value() >= 0x101 && frame.value() < 0x1f3) ||
               (frame.value() >= 0x200 && frame.value() < 0x2ff)));
        CHECK(frames.insert(frame.value()).second);
    }
    for (const std::uint64_t frame : frames)
        machine.buddy.free(frame, 0);
    CHECK(machine.buddy.free_count() == total);
    CHECK(machine.buddy.allocate(7).ok());
}

TEST_CASE("zones of any sizes, in any order, give each frame once and take it back") {
    const std::vector<FrameRange> zones = {{2, 10}, {16, 80}, {100, 104}, {130, 200}, {300, 363}};
    std::vector<unsigned> order = {0, 1, 2, 3, 4};
    do {
        Machine machine(0, 400);
        std::uint64_t count = 0;
        for (const unsigned i : order) {
            machine.add(zones[i]);
            count += zones[i].count();
        }
        std::set<std::uint64_t> frames;
        while (machine.buddy.free_count() > 0)
            frames.insert(machine.buddy.allocate(0).value());
        REQUIRE(frames.size() == count);
        for (const std::uint64_t frame : frames) {
            REQUIRE(std::any_of(zones.begin(), zones.end(), [frame](const FrameRange& zone) {
                return zone.first <= frame && frame < zone.end;
            }));
            machine.buddy.free(frame, 0);
        }
        REQUIRE(machine.buddy.free_count() == count);
        REQUIRE(machine.buddy.allocate(5).ok()); // they have merged
    } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("a block below a limit lies below it, and there may be none though others are free") {
    Machine machine(900, 1124);
    machine.add({900, 2024});
    std::set<std::uint64_t> blocks;
    for (auto block = machine.buddy.allocate_below(1024, 2); block.ok();
         block = machine.buddy.allocate_below(1024, 2)) {
        CHECK(block.value() >= 900);
        CHECK(block.value() + 4 <= 1024);
        CHECK(block.value() % 4 == 0);
        CHECK(blocks.insert(block.value()).second);
    }
    CHECK(blocks.size() == 124 / 4);
    CHECK(machine.buddy.free_count() == 1000);
    CHECK_FALSE(machine.buddy.allocate_below(1024, 0).ok());
    CHECK(machine.buddy.allocate(0).ok());
    for (const std::uint64_t block : blocks)
        machine.buddy.free(block, 2);
    CHECK(machine.buddy.free_count() == 1123);
    CHECK_FALSE(machine.buddy.allocate_below(2024, Buddy::k_orders).ok());
}

TEST_CASE("a run takes the frames it needs and no more") {
    Machine machine(0, 256);
    machine.add({0, 256});
    const auto run = machine.buddy.allocate_run(77);
    REQUIRE(run.ok());
    CHECK(machine.buddy.run_length(run.value()) == 77);
    CHECK(machine.buddy.free_count() == 256 - 77);
    machine.buddy.free_run(run.value());
    CHECK(machine.buddy.free_count() == 256);
    CHECK(machine.buddy.allocate(8).ok());
}

TEST_CASE("random blocks and runs never overlap, and nothing is lost") {
    std::mt19937 random(2);
    constexpr std::uint64_t k_first = 3;
    constexpr std::uint64_t k_count = 2000;
    Machine machine(k_first, k_count);
    machine.add({k_first, k_first + k_count});
    std::map<std::uint64_t, std::uint64_t> held; // first frame -> count
    std::vector<bool> taken(k_first + k_count);
    std::uint64_t in_use = 0;
    for (int step = 0; step < 20000; ++step) {
        if (held.empty() || random() % 2 == 0) {
            const std::uint64_t count = 1 + random() % (random() % 8 == 0 ? 200 : 12);
            const auto run = machine.buddy.allocate_run(count);
            if (!run.ok())
                continue;
            for (std::uint64_t i = 0; i < count; ++i) {
                REQUIRE(run.value() + i < taken.size());
                REQUIRE_FALSE(taken[run.value() + i]);
                taken[run.value() + i] = true;
            }
            held[run.value()] = count;
            in_use += count;
        } else {
            const auto victim = std::next(held.begin(), static_cast<long>(random() % held.size()));
            machine.buddy.free_run(victim->first);
            for (std::uint64_t i = 0; i < victim->second; ++i)
                taken[victim->first + i] = false;
            in_use -= victim->second;
            held.erase(victim);
        }
        REQUIRE(machine.buddy.free_count() == k_count - in_use);
    }
    for (const auto& [first, count] : held)
        machine.buddy.free_run(first);
    CHECK(machine.buddy.free_count() == k_count);
    CHECK(machine.buddy.allocate(9).ok());
}

TEST_CASE("a frame cache gives every frame there is, and all come back") {
    Machine machine(0, 100);
    machine.add({0, 100});
    os::memory::FrameCache cache;
    for (int round = 0; round < 3; ++round) {
        std::set<std::uint64_t> frames;
        for (int i = 0; i < 100; ++i) {
            const auto frame = cache.allocate(machine.buddy);
            REQUIRE(frame.ok());
            CHECK(frames.insert(frame.value()).second);
        }
        CHECK_FALSE(cache.allocate(machine.buddy).ok());
        for (const std::uint64_t frame : frames)
            cache.free(machine.buddy, frame);
        CHECK(machine.buddy.free_count() + cache.count() == 100);
        CHECK(cache.count() <= os::memory::FrameCache::k_most);
    }
    cache.drain(machine.buddy);
    CHECK(machine.buddy.free_count() == 100);
    CHECK(machine.buddy.allocate(6).ok());
}

TEST_CASE("free blocks of 2 MiB and more are not touched") {
    Machine machine(0x180, 0x2000);
    machine.fill(0x5a);
    machine.add({0x180, 0x2180});
    std::vector<std::uint64_t> blocks;
    for (auto block = machine.buddy.allocate(9); block.ok(); block = machine.buddy.allocate(9))
        blocks.push_back(block.value());
    CHECK(blocks.size() == 15);
    for (const std::uint64_t block : blocks)
        machine.buddy.free(block, 9);
    for (std::uint64_t frame = 0x200; frame < 0x2000; ++frame)
        REQUIRE(machine.first_byte(frame) == 0x5a);
}
