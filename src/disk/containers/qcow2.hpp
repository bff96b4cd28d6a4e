// The qcow2 format, versions 2 and 3 (QEMU's docs/interop/qcow2.txt). All integers are big-endian.
//
// A file is an array of clusters. Guest offsets are looked up in two steps: an L1 table of L2
// tables of data clusters; an entry of 0 reads as zeros. Each cluster of the file has a reference
// count of 16 bits, in refcount blocks that the refcount table lists. We write version 3:
//
//     header | refcount table | first refcount block | L1 table |
//     L2 tables, each with its data clusters behind it | further refcount blocks
//
// so that one pass over the disk is enough and only L1, one L2 table and the counts are kept.
//
// A packed cluster lies anywhere, in sectors of 512 bytes: its L2 entry holds, for clusters of
// 2^bits, the offset in the lower 62 - (bits - 8) bits and above them the number of sectors that it
// reaches into beyond the first. It counts one reference for each cluster of the file it touches.
// zlib streams are bare (RFC 1951) with a window of 4 KiB; zstd needs a header of 112 bytes that
// says so and sets an incompatible feature bit.
#pragma once

#include <cstdint>

#include <vocabulary/endian.hpp>

namespace unik::disk {

using vocabulary::Be16;
using vocabulary::Be32;
using vocabulary::Be64;

struct Qcow2Header {
    Be32 magic;
    Be32 version;
    Be64 backing_file_offset;
    Be32 backing_file_size;
    Be32 cluster_bits;
    Be64 size;
    Be32 crypt_method;
    Be32 l1_size; // entries
    Be64 l1_table_offset;
    Be64 refcount_table_offset;
    Be32 refcount_table_clusters;
    Be32 snapshot_count;
    Be64 snapshots_offset;
    // From here on version 3 alone.
    Be64 incompatible_features;
    Be64 compatible_features;
    Be64 autoclear_features;
    Be32 refcount_order; // 4: 16 bits
    Be32 header_length;
    std::uint8_t compression_type; // behind 104 bytes: only if header_length says so
    std::uint8_t padding[7];
};
static_assert(sizeof(Qcow2Header) == 112);

inline constexpr std::uint32_t k_qcow2_magic = 0x514649fb; // "QFI\xfb"
inline constexpr std::uint32_t k_qcow2_short_header = 104;
inline constexpr std::uint64_t k_qcow2_copied = 1ULL << 63;
inline constexpr std::uint64_t k_qcow2_compressed = 1ULL << 62;
inline constexpr std::uint64_t k_qcow2_offset_mask = 0x00fffffffffffe00;
inline constexpr std::uint64_t k_qcow2_reads_as_zeros = 1;
inline constexpr std::uint64_t k_qcow2_compression_feature = 1ULL << 3;
inline constexpr std::uint8_t k_qcow2_zstd = 1;

// Where the number of sectors begins in the L2 entry of a packed cluster.
constexpr unsigned qcow2_sectors_shift(std::uint32_t cluster_bits) {
    return 62 - (cluster_bits - 8);
}

} // namespace unik::disk
