// VMDK, the sparse extents of VMware's Virtual Disk Format 5.0 ("Hosted Sparse Extents" and
// "Stream-Optimized Compressed Sparse Extents"), with the descriptor inside. Little-endian; a
// sector has 512 bytes and all positions are sectors.
//
// The disk is cut into grains of 64 KiB. A grain directory lists grain tables of 512 entries, which
// list the grains; 0 is a hole.
//
//   monolithicSparse:  header | descriptor | redundant directory, tables | directory, tables |
//   grains
//
// All tables exist from the beginning, since some readers expect it, and both copies agree.
//
//   streamOptimized:   header | descriptor | grains, each packed by zlib behind a marker with its
//                      position | a marker and a table for every 512 grains that hold anything |
//                      marker, directory | marker, footer | end-of-stream marker
//
// which can be written and read from front to back. The footer is the header with the directory's
// position, which the header itself leaves open (all bits set).
#pragma once

#include <string>

#include <vocabulary/endian.hpp>

#include <disk/formats.hpp>
#include <disk/guid.hpp>

namespace unik::disk {

using vocabulary::Le16;
using vocabulary::Le32;
using vocabulary::Le64;

struct VmdkHeader {
    Le32 magic;
    Le32 version; // 1; 3: stream-optimized
    Le32 flags;
    Le64 capacity;
    Le64 grain_size;
    Le64 descriptor_offset;
    Le64 descriptor_size;
    Le32 table_entries;
    Le64 redundant_directory;
    Le64 directory;
    Le64 overhead; // before the first grain
    std::uint8_t unclean_shutdown;
    char line_ends[4]; // damaged when a text-mode transfer went over the file
    Le16 compression;
    std::uint8_t padding[433];
};
static_assert(sizeof(VmdkHeader) == 512);

struct VmdkMarker { // of metadata: size is 0
    Le64 value;     // sectors that follow
    Le32 size;
    Le32 type;
    std::uint8_t padding[496];
};
static_assert(sizeof(VmdkMarker) == 512);

struct VmdkGrainMarker {
    Le64 sector; // of the disk
    Le32 size;   // of the packed bytes, which follow at once
};
static_assert(sizeof(VmdkGrainMarker) == 12);

inline constexpr std::uint32_t k_vmdk_magic = 0x564d444b; // "KDMV"
inline constexpr char k_vmdk_line_ends[4] = {'\n', ' ', '\r', '\n'};
inline constexpr std::uint32_t k_vmdk_check_line_ends = 1;
inline constexpr std::uint32_t k_vmdk_redundant_tables = 1 << 1;
inline constexpr std::uint32_t k_vmdk_zeroed_grains = 1 << 2; // an entry of 1 reads as zeros
inline constexpr std::uint32_t k_vmdk_packed = 1 << 16;
inline constexpr std::uint32_t k_vmdk_markers = 1 << 17;
inline constexpr std::uint16_t k_vmdk_deflate = 1;
inline constexpr std::uint64_t k_vmdk_directory_at_end = ~0ULL;

inline constexpr std::uint32_t k_vmdk_marker_end = 0;
inline constexpr std::uint32_t k_vmdk_marker_table = 1;
inline constexpr std::uint32_t k_vmdk_marker_directory = 2;
inline constexpr std::uint32_t k_vmdk_marker_footer = 3;

inline constexpr std::uint64_t k_vmdk_grain = 65536;
inline constexpr std::uint64_t k_vmdk_table_entries = 512;
inline constexpr std::uint64_t k_vmdk_table_sectors = 4;
inline constexpr std::uint64_t k_vmdk_descriptor_sectors = 20;

// What both kinds begin with.
VmdkHeader vmdk_header(std::uint64_t sectors);
// Filled up with zeros to its sectors. create_type: "monolithicSparse".
std::string vmdk_descriptor(std::string_view create_type, std::uint64_t sectors,
                            const std::string& file_name, const Guid& id);
// vmdk-too-large: grain tables count sectors in 32 bits.
Result<void> check_vmdk_size(std::uint64_t sectors);

} // namespace unik::disk
