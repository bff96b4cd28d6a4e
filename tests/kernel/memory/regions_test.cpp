#include "memory/regions.hpp"

#include <vector>

#include <doctest/doctest.h>

namespace {

using os::PhysAddr;
using os::arch::MemoryRegion;
using os::memory::FrameRange;
using os::memory::FrameRanges;
using Pairs = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

Pairs pairs(const FrameRanges& ranges) {
    Pairs out;
    for (const FrameRange& range : ranges.all())
        out.emplace_back(range.first, range.end);
    return out;
}

Pairs usable(const std::vector<MemoryRegion>& regions, std::uint64_t limit = 1 << 20) {
    FrameRanges out;
    os::memory::collect_usable({regions.data(), regions.size()}, limit, out);
    return pairs(out);
}

MemoryRegion region(std::uint64_t start, std::uint64_t size,
                    MemoryRegion::Kind kind = MemoryRegion::Kind::usable) {
    return {PhysAddr{start}, size, kind};
}

} // namespace

TEST_CASE("ranges that touch or overlap become one") {
    FrameRanges ranges;
    ranges.add({10, 20});
    ranges.add({30, 40});
    ranges.add({20, 25});
    CHECK(pairs(ranges) == Pairs{{10, 25}, {30, 40}});
    ranges.add({5, 100});
    CHECK(pairs(ranges) == Pairs{{5, 100}});
}

TEST_CASE("a removal cuts, splits and swallows ranges") {
    FrameRanges ranges;
    ranges.add({0, 100});
    ranges.remove({10, 20});
    ranges.remove({95, 200});
    CHECK(pairs(ranges) == Pairs{{0, 10}, {20, 95}});
    ranges.remove({5, 30});
    CHECK(pairs(ranges) == Pairs{{0, 5}, {30, 95}});
    ranges.remove({0, 100});
    CHECK(pairs(ranges).empty());
}

TEST_CASE("more ranges than there is room for are left out") {
    FrameRanges ranges;
    for (std::uint64_t i = 0; i < 2 * FrameRanges::k_most; ++i)
        ranges.add({i * 10, i * 10 + 5});
    CHECK(ranges.all().size() == FrameRanges::k_most);
}

TEST_CASE("the smallest ranges go first") {
    FrameRanges ranges;
    for (const FrameRange range : {FrameRange{0, 5}, {10, 12}, {20, 40}, {50, 53}})
        ranges.add(range);
    ranges.keep_largest(2);
    CHECK(pairs(ranges) == Pairs{{0, 5}, {20, 40}});
}

TEST_CASE("usable memory is rounded inwards to whole frames") {
    CHECK(usable({region(0x100400, 0x2000)}) == Pairs{{0x101, 0x102}});
}

TEST_CASE("the first 64 KiB stay unused") {
    CHECK(usable({region(0, 0xa0000)}) == Pairs{{16, 0xa0}});
}

TEST_CASE("whatever else claims memory wins over usable, in any order") {
    using Kind = MemoryRegion::Kind;
    CHECK(usable({region(0x200800, 0x1000, Kind::reserved), region(0x200000, 0x10000)}) ==
          Pairs{{0x202, 0x210}});
}

TEST_CASE("memory beyond the physical map's room is not used") {
    CHECK(usable({region(0x100000, 0x10000000)}, 0x200) == Pairs{{0x100, 0x200}});
}

TEST_CASE("regions that wrap around the end of the address space do no harm") {
    CHECK(usable({region(0xfffffffffffff000, 0x2000), region(UINT64_MAX, UINT64_MAX)}).empty());
    CHECK(usable({region(0x100000, 0x100000),
                  region(0x180000, UINT64_MAX, MemoryRegion::Kind::reserved)}) ==
          Pairs{{0x100, 0x180}});
}
