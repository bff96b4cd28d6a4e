// The table of memory regions that the bus master walks (Programming Interface for Bus Master IDE
// Controller 1.0, 1.2): a region has an even address and size and crosses no multiple of 64 KiB.
#pragma once

#include <cstdint>

#include <ata/command.hpp>
#include <foundation/span.hpp>
#include <vocabulary/endian.hpp>

namespace os::ide {

struct Region {
    vocabulary::Le32 address;
    vocabulary::Le16 size; // 0: 64 KiB
    vocabulary::Le16 flags;
};
static_assert(sizeof(Region) == 8);
inline constexpr std::uint16_t k_last_region = 0x8000;

// As many as k_most_transfer contiguous bytes may need.
inline constexpr unsigned k_most_regions = 2;

// Describes contiguous memory below 4 GiB, of 2 to k_most_transfer bytes; returns how many regions
// that took.
unsigned describe(std::uint64_t address, std::size_t size, Region (&out)[k_most_regions]);

} // namespace os::ide
