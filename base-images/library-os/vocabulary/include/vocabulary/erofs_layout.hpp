// EROFS on disk (Linux, Documentation/filesystems/erofs.rst, "On-disk details"; the numbers are
// those of fs/erofs/erofs_fs.h), as far as the tool writes it and the kernel reads it: no
// compression, no extended attributes, blocks of 4 KiB. All integers are little-endian.
//
//     byte 0     nothing: room for boot code
//     1024       superblock
//     1152       inodes, each at a multiple of 32 bytes; a node's number is its place:
//                byte = meta_block * 4096 + number * 32
//     …          whole blocks of directories and files
//
// What an inode holds lies in two ways. Plain: in whole blocks from `first_block` on. Inline: the
// whole blocks likewise, and the bytes behind the last whole one right behind the inode, where they
// do not cross a block's border.
//
// A directory's content is blocks of their own: first the entries, then their names without NUL, in
// the order of the entries. The first entry's name_offset tells how many entries there are; a name
// ends where the next one begins, the last one at the first NUL or at the block's or content's end.
// Names ascend as unsigned bytes, "." and ".." among them, through all of a directory's blocks:
// both levels can be searched by halving.
#pragma once

#include <cstddef>
#include <cstdint>

#include <vocabulary/endian.hpp>

namespace vocabulary::erofs {

inline constexpr std::uint32_t k_magic = 0xe0f5e1e2;
inline constexpr std::uint32_t k_block_bits = 12;
inline constexpr std::uint32_t k_block_size = 1U << k_block_bits;
inline constexpr std::uint32_t k_superblock_offset = 1024;
inline constexpr std::uint32_t k_node_step = 32;     // bytes from one node number to the next
inline constexpr std::uint32_t k_longest_name = 255; // bytes

// compatible_features: what a reader need not know.
inline constexpr std::uint32_t k_feature_checksum = 1; // CRC-32C of the superblock's block
inline constexpr std::uint32_t k_feature_mtime = 2;    // times are those of modification

struct Superblock {
    Le32 magic;
    // CRC-32C from ~0 without the final inversion, of the bytes from the superblock to the end of
    // its block, this field as 0.
    Le32 checksum;
    Le32 compatible_features;
    std::uint8_t block_bits;
    std::uint8_t extension_slots; // 16 bytes each, behind the superblock
    Le16 root_node;
    Le64 inode_count;
    Le64 time; // of every compact inode, in seconds since 1970
    Le32 time_nanoseconds;
    Le32 blocks;
    Le32 meta_block;
    Le32 attribute_block;
    std::uint8_t uuid[16];
    std::uint8_t volume_name[16];
    Le32 incompatible_features; // what a reader must know: none here
    Le16 compression_algorithms;
    Le16 extra_devices;
    Le16 device_table_slot;
    std::uint8_t directory_block_bits; // beyond block_bits
    std::uint8_t attribute_prefix_count;
    Le32 attribute_prefix_start;
    Le64 packed_node;
    std::uint8_t reserved[24];
};
static_assert(sizeof(Superblock) == 128);
static_assert(offsetof(Superblock, uuid) == 48 &&
              offsetof(Superblock, incompatible_features) == 80);

// Inode::format: bit 0 tells the size of the inode, bits 1 to 3 where its bytes lie.
inline constexpr std::uint16_t k_format_extended = 1;
enum class Placement : std::uint16_t { plain = 0, inline_tail = 2 };
constexpr Placement placement_of(std::uint16_t format) {
    return static_cast<Placement>(format >> 1 & 7);
}

struct CompactInode {
    Le16 format;
    Le16 attribute_slots;
    Le16 mode; // as st_mode
    Le16 links;
    Le32 size;
    Le32 reserved;
    Le32 first_block; // counts only where there is a whole block, or a device number
    Le32 number;      // for programs whose st_ino has 32 bits
    Le16 owner;
    Le16 group;
    Le32 reserved_end;
};
static_assert(sizeof(CompactInode) == 32);

struct ExtendedInode {
    Le16 format;
    Le16 attribute_slots;
    Le16 mode;
    Le16 reserved;
    Le64 size;
    Le32 first_block;
    Le32 number;
    Le32 owner;
    Le32 group;
    Le64 time; // seconds since 1970
    Le32 time_nanoseconds;
    Le32 links;
    std::uint8_t reserved_end[16];
};
static_assert(sizeof(ExtendedInode) == 64);

enum class EntryKind : std::uint8_t { // as the DT_ kinds are named, not numbered
    unknown = 0,
    regular = 1,
    directory = 2,
    character_device = 3,
    block_device = 4,
    pipe = 5,
    socket = 6,
    symbolic_link = 7,
};

struct DirectoryEntry {
    Le64 node;
    Le16 name_offset; // in the block
    EntryKind kind;
    std::uint8_t reserved;
};
static_assert(sizeof(DirectoryEntry) == 12);

} // namespace vocabulary::erofs
