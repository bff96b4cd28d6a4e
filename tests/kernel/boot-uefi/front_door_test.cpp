#include <cstring>
#include <memory>
#include <vector>

#include <arch/front_door.hpp>
#include <doctest/doctest.h>

#include <boot-uefi/firmware.hpp>
#include <boot-uefi/hand_over.hpp>

using namespace os;
using namespace os::boot_uefi;

extern "C" void unik_uefi_front_door(std::uint64_t address, arch::BootInfo& out);

// Physical memory is the test's own.
void* os::arch::map_early(PhysAddr address, std::uint64_t) {
    return reinterpret_cast<void*>(address.value);
}

namespace {

using Kind = arch::MemoryRegion::Kind;

struct Region {
    std::uint64_t start;
    std::uint64_t size;
    Kind kind;
    bool operator==(const Region&) const = default;
};

MemoryDescriptor descriptor(std::uint32_t type, std::uint64_t start, std::uint64_t pages,
                            std::uint64_t attributes = k_write_back) {
    return {type, 0, start, 0, pages, attributes};
}

constexpr std::uint32_t k_reserved = 0;
constexpr std::uint32_t k_loader_code = 1;
constexpr std::uint32_t k_loader_data = 2;
constexpr std::uint32_t k_boot_code = 3;
constexpr std::uint32_t k_boot_data = 4;
constexpr std::uint32_t k_runtime_code = 5;
constexpr std::uint32_t k_free = 7;
constexpr std::uint32_t k_reclaimable = 9;
constexpr std::uint32_t k_nvs = 10;
constexpr std::uint32_t k_device = 11;

// The firmware's descriptors may be larger than ours.
std::vector<Region> regions(const std::vector<MemoryDescriptor>& map,
                            std::uint64_t descriptor_size = sizeof(MemoryDescriptor)) {
    std::vector<std::uint8_t> bytes(map.size() * descriptor_size, 0xee);
    for (std::size_t i = 0; i < map.size(); ++i)
        std::memcpy(&bytes[i * descriptor_size], &map[i], sizeof map[i]);
    HandOver hand_over{};
    hand_over.map = {reinterpret_cast<std::uint64_t>(bytes.data()), bytes.size(), descriptor_size};
    const auto info = std::make_unique<arch::BootInfo>();
    unik_uefi_front_door(reinterpret_cast<std::uint64_t>(&hand_over), *info);
    std::vector<Region> out;
    for (unsigned i = 0; i < info->region_count; ++i)
        out.push_back({info->regions[i].start.value, info->regions[i].size, info->regions[i].kind});
    return out;
}

} // namespace

TEST_CASE("memory of the boot services and loaders is usable, neighbours are one region") {
    CHECK(regions({descriptor(k_boot_code, 0, 1), descriptor(k_free, 0x1000, 0x9f),
                   descriptor(k_free, 0x100000, 0x700), descriptor(k_nvs, 0x800000, 8),
                   descriptor(k_boot_data, 0x808000, 2), descriptor(k_loader_code, 0x80a000, 3),
                   descriptor(k_loader_data, 0x80d000, 1), descriptor(k_reserved, 0x80e000, 5),
                   descriptor(k_free, 0x813000, 1), descriptor(k_runtime_code, 0x814000, 1),
                   descriptor(k_reclaimable, 0x815000, 1), descriptor(k_device, 0xfed00000, 1)}) ==
          std::vector<Region>{{0, 0xa0000, Kind::usable},
                              {0x100000, 0x700000, Kind::usable},
                              {0x800000, 0x8000, Kind::nvs},
                              {0x808000, 0x6000, Kind::usable},
                              {0x813000, 0x1000, Kind::usable},
                              {0x815000, 0x1000, Kind::acpi}});
}

TEST_CASE("a map out of order, with descriptors larger than ours, gives the same regions") {
    CHECK(regions({descriptor(k_free, 0x300000, 0x100), descriptor(k_boot_data, 0x100000, 0x100),
                   descriptor(k_loader_data, 0x200000, 0x100)},
                  48) == std::vector<Region>{{0x100000, 0x300000, Kind::usable}});
}

TEST_CASE("memory that is no ordinary memory is not used") {
    constexpr std::uint64_t write_combining = 2;
    CHECK(regions({descriptor(k_free, 0x100000, 1, write_combining),
                   descriptor(k_free, 0x200000, 1, k_write_back | k_specific_purpose),
                   descriptor(14, 0x300000, 1), descriptor(0x80000000, 0x400000, 1)})
              .empty());
}

TEST_CASE("a map longer than the list keeps what fits, and what is reserved takes no place") {
    std::vector<MemoryDescriptor> map;
    for (std::uint64_t i = 0; i < 300; ++i)
        map.push_back(descriptor(i % 2 == 0 ? k_free : k_reserved, i << 20, 0x80));
    const auto found = regions(map);
    CHECK(found.size() == arch::BootInfo::k_most_regions);
    for (const Region& region : found)
        CHECK(region.kind == Kind::usable);
}

TEST_CASE("ACPI's root, the screen and the command line are passed on") {
    HandOver hand_over{};
    hand_over.acpi_root = {0x1234};
    hand_over.framebuffer.start = {0xc0000000};
    hand_over.framebuffer.width = 800;
    std::strcpy(hand_over.command_line, "unik.arg=one");
    MemoryDescriptor map = descriptor(k_free, 0x100000, 1);
    hand_over.map = {reinterpret_cast<std::uint64_t>(&map), sizeof map, sizeof map};
    const auto info = std::make_unique<arch::BootInfo>();
    info->entry_tsc = 77;
    unik_uefi_front_door(reinterpret_cast<std::uint64_t>(&hand_over), *info);
    CHECK(info->acpi_root.value == 0x1234);
    CHECK(info->framebuffer.start.value == 0xc0000000);
    CHECK(info->framebuffer.width == 800);
    CHECK(std::string(info->command_line) == "unik.arg=one");
    CHECK(info->entry_tsc == 77);
}
