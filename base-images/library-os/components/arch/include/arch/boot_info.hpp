// What a front door learns from the boot loader, in one form for all of them.
#pragma once

#include <cstdint>

#include <foundation/span.hpp>
#include <foundation/types.hpp>

namespace os::arch {

// All defaults are zero: what is not takes no room in the image.
struct MemoryRegion {
    PhysAddr start;
    std::uint64_t size = 0;
    enum class Kind : std::uint32_t {
        none = 0,
        usable = 1,
        reserved = 2,
        acpi = 3,
        nvs = 4,
        unusable = 5,
    };
    Kind kind = Kind::none;
};

// The screen as firmware left it: 32 bits a pixel, `pitch` bytes a row.
struct Framebuffer {
    PhysAddr start; // 0: none
    std::uint64_t size = 0;
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    std::uint32_t pitch = 0;
    enum class Format : std::uint32_t { bgrx = 0, rgbx = 1 }; // bytes in memory
    Format format = Format::bgrx;
};

struct BootInfo {
    static constexpr unsigned k_most_regions = 64;
    MemoryRegion regions[k_most_regions];
    unsigned region_count = 0;
    char command_line[2048] = {}; // NUL-terminated, cut off if longer
    PhysAddr acpi_root;           // RSDP; 0: not given
    Framebuffer framebuffer;
    std::uint64_t entry_tsc = 0; // time-stamp counter at the kernel's first instruction
};

// For front doors. A region that goes on where the last one ended, alike, becomes a part of it; one
// that is empty, wraps round or finds no room is left out.
void add_region(BootInfo& out, std::uint64_t start, std::uint64_t size, MemoryRegion::Kind kind);
// Takes a range out of the usable regions, for what the door itself keeps there.
void withhold(BootInfo& out, std::uint64_t start, std::uint64_t size);
// The kind by its E820 number (ACPI 6.5, table 15.3): reserved for those unknown.
MemoryRegion::Kind kind_of_e820(std::uint32_t type);
// Cut off if longer than there is room for; null: none.
void set_command_line(BootInfo& out, PhysAddr text);

// Filled by the front door before any start step runs.
const BootInfo& boot_info();

// Memory for what early steps keep for ever, zeroed and page-aligned: cut out of a usable region
// below 4 GiB, so `memory` never sees it. Null when there is none.
void* take_boot_memory(std::uint64_t size);

} // namespace os::arch
