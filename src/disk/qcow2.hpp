// The qcow2 format, version 3 (QEMU's docs/interop/qcow2.txt). All integers are big-endian.
//
// A file is an array of clusters. Guest offsets are looked up in two steps: an L1 table of L2
// tables of data clusters; an entry of 0 reads as zeros. Each cluster of the file has a reference
// count of 16 bits, in refcount blocks that the refcount table lists. We write
//
//     header | refcount table | refcount blocks | L1 table | L2 tables | data clusters
//
// with every cluster referred to once, so every L1 and L2 entry carries the COPIED flag.
#pragma once

#include <cstdint>

#include <vocabulary/endian.hpp>

namespace unik::disk {

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
    Be64 incompatible_features;
    Be64 compatible_features;
    Be64 autoclear_features;
    Be32 refcount_order; // 4: 16 bits
    Be32 header_length;
};
static_assert(sizeof(Qcow2Header) == 104);

inline constexpr std::uint32_t k_qcow2_magic = 0x514649fb; // "QFI\xfb"
inline constexpr std::uint64_t k_qcow2_copied = 1ULL << 63;
inline constexpr std::uint64_t k_qcow2_compressed = 1ULL << 62;
inline constexpr std::uint64_t k_qcow2_offset_mask = 0x00fffffffffffe00;
inline constexpr std::uint64_t k_qcow2_reads_as_zeros = 1;

} // namespace unik::disk
