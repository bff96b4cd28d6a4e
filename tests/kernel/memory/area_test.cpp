#include "memory/area.hpp"

#include <map>
#include <random>

#include <doctest/doctest.h>

namespace {

using namespace os::memory;
using os::Own;

constexpr std::uint64_t k_page = 4096;

struct Fixture {
    ~Fixture() { areas.clear(); }

    Area& add(std::uint64_t start, std::uint64_t end, Protection protection = Protection::read) {
        auto area = os::try_make<Area>();
        REQUIRE(area.ok());
        area.value()->start = start;
        area.value()->end = end;
        area.value()->protection = protection;
        Area& raw = *area.value();
        areas.insert(std::move(area).value());
        return raw;
    }
    std::map<std::uint64_t, std::uint64_t> ranges() const {
        std::map<std::uint64_t, std::uint64_t> out;
        for (const Area* area = areas.first(); area != nullptr; area = Areas::next(*area))
            out[area->start] = area->end;
        return out;
    }
    Areas areas;
};

} // namespace

TEST_CASE_FIXTURE(Fixture, "find gives the area that holds an address, and only that") {
    Area& low = add(0x1000, 0x3000);
    Area& high = add(0x5000, 0x6000);
    CHECK(areas.find(0xfff) == nullptr);
    CHECK(areas.find(0x1000) == &low);
    CHECK(areas.find(0x2fff) == &low);
    CHECK(areas.find(0x3000) == nullptr);
    CHECK(areas.find(0x5000) == &high);
    CHECK(areas.find(0x6000) == nullptr);
    CHECK(areas.first_from(0x3000) == &high);
}

TEST_CASE_FIXTURE(Fixture, "a removed area is not found any more, however recently it was") {
    Area& area = add(0x1000, 0x3000);
    CHECK(areas.find(0x1000) == &area);
    areas.remove(area);
    CHECK(areas.find(0x1000) == nullptr);
    CHECK(areas.mapped_bytes() == 0);
}

TEST_CASE_FIXTURE(Fixture, "splitting keeps offsets, joining undoes it") {
    Area& area = add(0x10000, 0x20000);
    area.backing = Backing::image;
    area.offset = 0x400000;
    REQUIRE(areas.split_at_ends({0x14000, 0x18000}).ok());
    CHECK(ranges() == std::map<std::uint64_t, std::uint64_t>{
                          {0x10000, 0x14000}, {0x14000, 0x18000}, {0x18000, 0x20000}});
    CHECK(areas.find(0x15000)->offset == 0x404000);
    CHECK(areas.find(0x18000)->offset == 0x408000);
    areas.join({0x14000, 0x18000});
    CHECK(ranges() == std::map<std::uint64_t, std::uint64_t>{{0x10000, 0x20000}});
    CHECK(areas.find(0x10000)->offset == 0x400000);
    CHECK(areas.mapped_bytes() == 0x10000);
}

TEST_CASE_FIXTURE(Fixture, "areas that differ or do not touch stay apart") {
    add(0x1000, 0x2000);
    add(0x2000, 0x3000, Protection::write);
    add(0x4000, 0x5000, Protection::write);
    areas.join({0x1000, 0x5000});
    CHECK(ranges().size() == 3);
    add(0x3000, 0x4000, Protection::write);
    areas.join({0x3000, 0x4000});
    CHECK(ranges() == std::map<std::uint64_t, std::uint64_t>{{0x1000, 0x2000}, {0x2000, 0x5000}});
}

TEST_CASE_FIXTURE(Fixture, "is_mapped sees holes, is_free sees areas") {
    add(0x1000, 0x2000);
    add(0x2000, 0x3000, Protection::write);
    add(0x4000, 0x5000);
    CHECK(areas.is_mapped({0x1000, 0x3000}));
    CHECK_FALSE(areas.is_mapped({0x1000, 0x3001}));
    CHECK_FALSE(areas.is_mapped({0x1000, 0x5000}));
    CHECK_FALSE(areas.is_mapped({0x0, 0x2000}));
    CHECK(areas.is_free({0x3000, 0x4000}));
    CHECK_FALSE(areas.is_free({0x3000, 0x4001}));
}

TEST_CASE_FIXTURE(Fixture, "the gap search agrees with looking everywhere") {
    std::mt19937 random(4);
    constexpr std::uint64_t k_pages = 600;
    std::vector<bool> used(k_pages);
    for (int step = 0; step < 3000; ++step) {
        const std::uint64_t start = random() % k_pages;
        const std::uint64_t length = 1 + random() % 12;
        const AddressRange range{start * k_page, (start + length) * k_page};
        if (start + length <= k_pages && areas.is_free(range)) {
            add(range.start, range.end);
            for (std::uint64_t i = start; i < start + length; ++i)
                used[i] = true;
        } else if (Area* area = areas.find(start * k_page)) {
            for (std::uint64_t i = area->start / k_page; i < area->end / k_page; ++i)
                used[i] = false;
            areas.remove(*area);
        }

        const std::uint64_t low = random() % k_pages;
        const std::uint64_t high = low + random() % (k_pages - low + 1);
        const std::uint64_t size = 1 + random() % 30;
        std::uint64_t expected = UINT64_MAX;
        for (std::uint64_t at = low; at + size <= high; ++at) {
            bool free = true;
            for (std::uint64_t i = at; i < at + size; ++i)
                free = free && !used[i];
            if (free)
                expected = at * k_page; // the highest wins
        }
        std::uint64_t found = UINT64_MAX;
        const bool ok = areas.find_gap({low * k_page, high * k_page}, size * k_page, found);
        REQUIRE(ok == (expected != UINT64_MAX));
        if (ok)
            REQUIRE(found == expected);
    }
}
