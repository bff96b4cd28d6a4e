// The FAT file system (Microsoft's FAT32 File System Specification 1.03; UEFI 2.10, section 13.3),
// as the EFI system partition holds it.
//
//     boot sector | reserved | FAT | FAT | root directory (FAT16) | clusters from number 2 on
//
// Whether a volume is FAT16 or FAT32 follows from its number of clusters alone: FAT16 has 4,085 to
// 65,524 of them. We stay 16 clear of these borders, as Microsoft advises, since others count
// differently. A FAT entry holds the number of the chain's next cluster.
//
// What we write is always the same for the same tree: one date (the format's first), a serial
// number from the caller, directories before files. A file's clusters follow each other and begin
// at a multiple of 4 KiB from the volume's start, so that a boot record finds the file by its first
// sector and a CD's directory can refer to it. Names are of the form 8.3 in capitals: an EFI system
// partition needs no others.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <vocabulary/endian.hpp>

#include <disk/layout.hpp>
#include <support/result.hpp>

namespace unik::disk {

using vocabulary::Le16;
using vocabulary::Le32;

struct FatBootSector { // the first 36 bytes, the same in all kinds of FAT
    std::uint8_t jump[3];
    char maker[8];
    Le16 bytes_per_sector;
    std::uint8_t cluster_sectors;
    Le16 reserved_sectors;
    std::uint8_t fat_count;
    Le16 root_entries; // 0 in FAT32
    Le16 sectors_16;
    std::uint8_t media;
    Le16 fat_sectors_16; // 0 in FAT32
    Le16 track_sectors;
    Le16 heads;
    Le32 hidden_sectors; // before the volume
    Le32 sectors_32;     // when sectors_16 is 0
};
static_assert(sizeof(FatBootSector) == 36);

struct Fat32Fields { // behind them in FAT32 only
    Le32 fat_sectors;
    Le16 flags;
    Le16 version;
    Le32 root_cluster;
    Le16 information_sector;
    Le16 backup_sector;
    std::uint8_t reserved[12];
};
static_assert(sizeof(Fat32Fields) == 28);

struct FatVolumeFields { // behind that
    std::uint8_t drive;
    std::uint8_t reserved;
    std::uint8_t signature; // 29h: the fields that follow are there
    Le32 serial;
    char label[11];
    char kind[8];
};
static_assert(sizeof(FatVolumeFields) == 26);

struct FatDirectoryEntry {
    char name[11]; // 8 and 3, padded with blanks
    std::uint8_t attributes;
    std::uint8_t reserved;
    std::uint8_t created_tenths;
    Le16 created_time;
    Le16 created_date;
    Le16 accessed_date;
    Le16 cluster_high;
    Le16 written_time;
    Le16 written_date;
    Le16 cluster_low;
    Le32 size;
};
static_assert(sizeof(FatDirectoryEntry) == 32);

inline constexpr std::uint8_t k_fat_attribute_label = 0x08;
inline constexpr std::uint8_t k_fat_attribute_directory = 0x10;
inline constexpr std::uint8_t k_fat_attribute_archive = 0x20;
inline constexpr std::uint32_t k_fat_first_cluster = 2;
inline constexpr std::uint64_t k_fat16_clusters = 4085;  // from here on FAT16, below FAT12
inline constexpr std::uint64_t k_fat32_clusters = 65525; // from here on FAT32

enum class FatKind { fat16, fat32 };

// A file with its bytes, or a directory with what it holds.
struct FatNode {
    std::string name; // "BOOTX64.EFI"
    ByteSpan content;
    std::vector<FatNode> children;
    bool is_directory = false;
};
FatNode fat_file(std::string name, ByteSpan content);
FatNode fat_directory(std::string name, std::vector<FatNode> children);

struct FatVolume {
    std::uint64_t first_sector = 0; // on the disk; a multiple of 8
    std::uint64_t sectors = 0;      // a multiple of 8
    std::uint32_t serial = 0;
    std::string label;         // at most 11 capitals and digits
    std::vector<FatNode> root; // at most 500
};

// "BOOTX64.EFI" as a directory stores it: "BOOTX64 EFI".
std::string fat_stored_name(std::string_view name);

// The fewest sectors that hold the tree, a multiple of 8; k_fat_no_size when no volume does.
std::uint64_t smallest_fat(const std::vector<FatNode>& root);
inline constexpr std::uint64_t k_fat_no_size = ~std::uint64_t{0};
// A volume somewhat larger than the smallest may have larger clusters or tables, and hold less.
bool fat_holds(const std::vector<FatNode>& root, std::uint64_t sectors);

// Adds the volume's pieces to the layout; unused clusters are not stored, files' contents are
// borrowed. Precondition: fat_holds(root, sectors), and sectors fit into 32 bits.
void add_fat(const FatVolume& volume, Layout& layout);
// The disk's sector at which its first file begins. Precondition: as above, and there is one.
std::uint64_t first_file_sector(const FatVolume& volume);

} // namespace unik::disk
