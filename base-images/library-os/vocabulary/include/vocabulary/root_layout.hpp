// The root file system as the tool writes it and the kernel reads it: an EROFS image of whole
// blocks of 4 KiB. Embedded in the kernel it needs no proof of its own; on a disk it is a
// partition, and its hash tree follows the image there, as dm-verity lays it out (Linux,
// Documentation/admin-guide/device-mapper/verity.rst: format version 1, SHA-256, data and hash
// blocks of 4096 bytes, no salt, no superblock, the levels from the root's down).
#pragma once

#include <cstdint>

namespace vocabulary {

inline constexpr std::uint32_t k_root_block_size = 4096;
inline constexpr std::uint32_t k_root_digest_size = 32;
inline constexpr std::uint32_t k_root_digests_per_block = k_root_block_size / k_root_digest_size;

enum class RootPlace : std::uint32_t { none = 0, embedded = 1, disk = 2 };

// Where the kernel finds it: the symbol unik_root.
struct RootRecord {
    RootPlace place;
    std::uint32_t reserved;
    std::uint64_t image; // embedded: kernel virtual address, at a page's start
    std::uint64_t size;  // of the EROFS image: a multiple of k_root_block_size
    // disk: of the tree's top block; for an image of one block, of that block
    std::uint8_t root_digest[k_root_digest_size];
    // disk: the partition's unique GUID, as it stands in the partition table: the digest's first 16
    // bytes (Discoverable Partitions Specification, "Partition UUIDs")
    std::uint8_t partition[16];
};
static_assert(sizeof(RootRecord) == 72);

// The Discoverable Partitions Specification's type for x86-64 roots,
// 4f68bce3-e8cd-4db1-96e7-fbcaf984b709, as it stands in the partition table.
inline constexpr std::uint8_t k_root_partition_type[16] = {
    0xe3, 0xbc, 0x68, 0x4f, 0xcd, 0xe8, 0xb1, 0x4d, 0x96, 0xe7, 0xfb, 0xca, 0xf9, 0x84, 0xb7, 0x09};

} // namespace vocabulary
