#include <cstdint>
#include <cstring>
#include <sstream>
#include <string>

#include <arch/boot_info.hpp>
#include <arch/front_door.hpp>
#include <doctest/doctest.h>

namespace os::arch {

// Physical memory of the test: addresses are the host's own.
void* map_early(PhysAddr address, std::uint64_t) {
    return reinterpret_cast<void*>(address.value);
}

} // namespace os::arch

namespace {

using os::arch::add_region;
using os::arch::BootInfo;
using os::arch::withhold;
using Kind = os::arch::MemoryRegion::Kind;

// "start+size:kind", in hexadecimal, one after another.
std::string regions(const BootInfo& info) {
    std::ostringstream text;
    text << std::hex;
    for (unsigned i = 0; i < info.region_count; ++i)
        text << info.regions[i].start.value << '+' << info.regions[i].size << ':'
             << static_cast<unsigned>(info.regions[i].kind) << ' ';
    return text.str();
}

BootInfo with_usable(std::uint64_t start, std::uint64_t size) {
    BootInfo info;
    add_region(info, start, size, Kind::usable);
    return info;
}

} // namespace

TEST_CASE("regions that go on alike become one, others stay apart") {
    BootInfo info = with_usable(0x1000, 0x1000);
    add_region(info, 0x2000, 0x3000, Kind::usable);
    add_region(info, 0x5000, 0x1000, Kind::reserved);
    add_region(info, 0x7000, 0x1000, Kind::reserved);
    CHECK(regions(info) == "1000+4000:1 5000+1000:2 7000+1000:2 ");
}

TEST_CASE("regions that are empty, wrap round or find no room are left out") {
    BootInfo info;
    add_region(info, 0x1000, 0, Kind::usable);
    add_region(info, UINT64_MAX - 1, 4, Kind::usable);
    CHECK(info.region_count == 0);
    for (std::uint64_t i = 0; i < 2 * BootInfo::k_most_regions; ++i)
        add_region(info, i * 0x2000, 0x1000, Kind::usable);
    CHECK(info.region_count == BootInfo::k_most_regions);
}

TEST_CASE("what a door keeps is taken out of usable memory, wherever it lies in it") {
    BootInfo middle = with_usable(0x1000, 0x9000);
    withhold(middle, 0x3000, 0x2000);
    CHECK(regions(middle) == "1000+2000:1 5000+5000:1 ");
    BootInfo start = with_usable(0x1000, 0x9000);
    withhold(start, 0, 0x3000);
    CHECK(regions(start) == "3000+7000:1 ");
    BootInfo end = with_usable(0x1000, 0x9000);
    withhold(end, 0x8000, 0x8000);
    CHECK(regions(end) == "1000+7000:1 ");
    BootInfo all = with_usable(0x1000, 0x9000);
    withhold(all, 0x1000, 0x9000);
    CHECK(regions(all) == "1000+9000:2 ");
    BootInfo beside = with_usable(0x1000, 0x9000);
    withhold(beside, 0xa000, 0x1000);
    CHECK(regions(beside) == "1000+9000:1 ");
}

TEST_CASE("an E820 number that nobody knows is reserved memory") {
    CHECK(os::arch::kind_of_e820(1) == Kind::usable);
    CHECK(os::arch::kind_of_e820(5) == Kind::unusable);
    CHECK(os::arch::kind_of_e820(0) == Kind::reserved);
    CHECK(os::arch::kind_of_e820(6) == Kind::reserved);
}

TEST_CASE("a command line is cut off where there is no more room") {
    BootInfo info;
    os::arch::set_command_line(info, os::PhysAddr{0});
    CHECK(info.command_line[0] == '\0');
    const std::string line(2 * sizeof(info.command_line), 'x');
    os::arch::set_command_line(info, os::PhysAddr{reinterpret_cast<std::uint64_t>(line.data())});
    CHECK(std::strlen(info.command_line) == sizeof(info.command_line) - 1);
}
