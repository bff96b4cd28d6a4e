// What a PVH loader passes (Xen, public/arch-x86/hvm/start_info.h). All addresses are physical.
#pragma once

#include <cstdint>

namespace os::boot_pvh {

inline constexpr std::uint32_t k_start_magic = 0x336ec578;

struct StartInfo {
    std::uint32_t magic;
    std::uint32_t version;
    std::uint32_t flags;
    std::uint32_t module_count;
    std::uint64_t modules;
    std::uint64_t command_line;
    std::uint64_t acpi_root;
    // From version 1 on:
    std::uint64_t memory_map;
    std::uint32_t memory_map_entries;
    std::uint32_t reserved;
};
static_assert(sizeof(StartInfo) == 56);

struct MemoryMapEntry {
    std::uint64_t address;
    std::uint64_t size;
    std::uint32_t type; // as E820
    std::uint32_t reserved;
};
static_assert(sizeof(MemoryMapEntry) == 24);

} // namespace os::boot_pvh
