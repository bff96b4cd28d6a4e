// VHDX (MS-VHDX). Little-endian; all places are whole MiB of the file but those in the first one:
//
//     0       file identifier
//     64 K    header         192 K   region table
//     128 K   header         256 K   region table, the same once more
//     1 M     log
//     2 M     metadata: a table of 64 KiB, then the items
//     3 M     block allocation table (BAT)
//     …       blocks
//
// Of the two headers the valid one with the higher sequence number counts. A header that names a
// log says that changes lie there which must be played back first; ours has none, and we refuse
// such a file. All structures carry a CRC-32C. The BAT has 64 bits for each block: its state, and
// where it lies in the file. Behind as many blocks as make up 2^23 sectors (the chunk ratio) stands
// one entry for a bitmap, which only disks with a parent use.
#pragma once

#include <string_view>

#include <vocabulary/endian.hpp>

#include <disk/content.hpp>
#include <disk/guid.hpp>

namespace unik::disk {

using vocabulary::Le16;
using vocabulary::Le32;
using vocabulary::Le64;

struct VhdxHeader { // the first of 4 KiB
    Le32 signature;
    Le32 checksum; // over 4 KiB with this as zero
    Le64 sequence;
    Guid file_write;
    Guid data_write;
    Guid log;
    Le16 log_version;
    Le16 version;
    Le32 log_length;
    Le64 log_offset;
};
static_assert(sizeof(VhdxHeader) == 80);

struct VhdxTableHeader { // of the region table: checksum over 64 KiB
    Le32 signature;
    Le32 checksum;
    Le32 count;
    Le32 reserved;
};

struct VhdxRegion {
    Guid id;
    Le64 offset;
    Le32 length;
    Le32 required;
};
static_assert(sizeof(VhdxTableHeader) == 16 && sizeof(VhdxRegion) == 32);

struct VhdxMetadataHeader {
    Le64 signature;
    Le16 reserved;
    Le16 count;
    Le32 more_reserved[5];
};

struct VhdxMetadataEntry {
    Guid id;
    Le32 offset; // in the region
    Le32 length;
    Le32 flags;
    Le32 reserved;
};
static_assert(sizeof(VhdxMetadataHeader) == 32 && sizeof(VhdxMetadataEntry) == 32);

struct VhdxFileParameters {
    Le32 block_size;
    Le32 flags;
};

inline constexpr std::uint64_t k_vhdx_signature = 0x656c696678646876;          // "vhdxfile"
inline constexpr std::uint32_t k_vhdx_header_signature = 0x64616568;           // "head"
inline constexpr std::uint32_t k_vhdx_region_signature = 0x69676572;           // "regi"
inline constexpr std::uint64_t k_vhdx_metadata_signature = 0x617461646174656d; // "metadata"

inline constexpr std::uint64_t k_vhdx_mib = 1ULL << 20;
inline constexpr std::uint64_t k_vhdx_header_offsets[] = {64 << 10, 128 << 10};
inline constexpr std::uint64_t k_vhdx_region_offsets[] = {192 << 10, 256 << 10};
inline constexpr std::size_t k_vhdx_header_size = 4096;
inline constexpr std::size_t k_vhdx_table_size = 65536;
inline constexpr std::uint64_t k_vhdx_largest_disk = 64ULL << 40;
inline constexpr std::uint64_t k_vhdx_smallest_block = 1ULL << 20;
inline constexpr std::uint64_t k_vhdx_largest_block = 256ULL << 20;

inline constexpr std::uint32_t k_vhdx_has_parent = 1 << 1; // a flag of the file parameters
inline constexpr std::uint32_t k_vhdx_is_user = 1;         // flags of metadata entries
inline constexpr std::uint32_t k_vhdx_is_disk = 1 << 1;
inline constexpr std::uint32_t k_vhdx_is_required = 1 << 2;

inline constexpr std::uint64_t k_vhdx_state = 7;
inline constexpr std::uint64_t k_vhdx_present = 6;
inline constexpr std::uint64_t k_vhdx_partly_present = 7;

inline constexpr std::string_view k_vhdx_bat = "2DC27766-F623-4200-9D64-115E9BFD4A08";
inline constexpr std::string_view k_vhdx_metadata = "8B7CA206-4790-4B9A-B8FE-575F050F886E";
inline constexpr std::string_view k_vhdx_file_parameters = "CAA16737-FA36-4D43-B3B6-33F0AA44E76B";
inline constexpr std::string_view k_vhdx_disk_size = "2FA54224-CD1B-4876-B211-5DBED83BF4B8";
inline constexpr std::string_view k_vhdx_disk_id = "BECA12AB-B2E6-4523-93EF-C309E000C746";
inline constexpr std::string_view k_vhdx_logical_sector = "8141BF1D-A96F-4709-BA47-F233A8FAAB5F";
inline constexpr std::string_view k_vhdx_physical_sector = "CDA348C7-445D-4471-9CC9-E9885251C556";

// Blocks between two bitmap entries of the BAT.
constexpr std::uint64_t vhdx_chunk_ratio(std::uint64_t block, std::uint64_t logical_sector) {
    return (logical_sector << 23) / block;
}

// CRC-32C (Castagnoli, reflected), of a structure whose own checksum is zero.
std::uint32_t crc32c(ByteSpan bytes);

} // namespace unik::disk
