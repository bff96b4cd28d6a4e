// VHD (Microsoft's Virtual Hard Disk Image Format Specification 1.0). Big-endian; a sector has 512
// bytes.
//
//   fixed:    the disk | footer
//   dynamic:  footer | dynamic header | block allocation table | blocks | footer
//
// The table has 32 bits for each block of 2 MiB: the sector in the file where its bitmap begins, or
// all bits set. The bitmap says which sectors of the block, which follows, were ever written; in a
// disk without a parent the others are zeros anyway, so nobody reads it.
//
// The footer records a geometry, and readers differ on whether that or the size counts: Virtual PC
// takes the geometry, Hyper-V and Azure the size. The creator decides for most of them, hence ours
// is Hyper-V's ("win "). Sizes are whole MiB, since Azure takes no others.
#pragma once

#include <vocabulary/endian.hpp>

#include <disk/content.hpp>
#include <disk/guid.hpp>

namespace unik::disk {

using vocabulary::Be16;
using vocabulary::Be32;
using vocabulary::Be64;

struct VhdFooter {
    char cookie[8];
    Be32 features;
    Be32 version;
    Be64 data_offset; // of the dynamic header
    Be32 time;        // seconds since 2000
    char creator[4];
    Be32 creator_version;
    char creator_host[4];
    Be64 original_size;
    Be64 current_size;
    Be16 cylinders;
    std::uint8_t heads;
    std::uint8_t sectors;
    Be32 type;
    Be32 checksum;
    Guid id;
    std::uint8_t saved_state;
    std::uint8_t reserved[427];
};
static_assert(sizeof(VhdFooter) == 512);

struct VhdDynamicHeader {
    char cookie[8];
    Be64 data_offset; // unused: all bits set
    Be64 table_offset;
    Be32 version;
    Be32 table_entries;
    Be32 block_size;
    Be32 checksum;
    Guid parent;
    Be32 parent_time;
    std::uint8_t reserved[708]; // of the parent
};
static_assert(sizeof(VhdDynamicHeader) == 768);

inline constexpr char k_vhd_footer_cookie[] = "conectix";
inline constexpr char k_vhd_header_cookie[] = "cxsparse";
inline constexpr std::uint32_t k_vhd_version = 0x00010000;
inline constexpr std::uint32_t k_vhd_fixed = 2;
inline constexpr std::uint32_t k_vhd_dynamic = 3;
inline constexpr std::uint32_t k_vhd_differencing = 4;
inline constexpr std::uint32_t k_vhd_not_allocated = 0xffffffff;
inline constexpr std::uint64_t k_vhd_dynamic_header_size = 1024;
inline constexpr std::uint64_t k_vhd_block = 2ULL << 20;
inline constexpr std::uint64_t k_vhd_largest = 2040ULL << 30;

// The complement of the sum of all bytes; the checksum's own must be zero.
std::uint32_t vhd_checksum(ByteSpan bytes);

} // namespace unik::disk
