// The GUID partition table (UEFI 2.10, section 5.3).
//
//     LBA 0            protective MBR: boot code, one partition of type EEh over the whole disk
//     LBA 1            primary header
//     LBA 2 to 33      primary partition entries: 128 of 128 bytes
//     …                the partitions
//     last 33 LBAs     the entries once more, then the backup header
#pragma once

#include <string>
#include <vector>

#include <vocabulary/boot_record_layout.hpp>
#include <vocabulary/endian.hpp>

#include <disk/guid.hpp>
#include <support/result.hpp>

namespace unik::disk {

using vocabulary::k_sector_size;
using vocabulary::Le16;
using vocabulary::Le32;
using vocabulary::Le64;

struct GptHeader {
    Le64 signature;
    Le32 revision;
    Le32 header_size;
    Le32 header_crc;
    Le32 reserved;
    Le64 own_lba;
    Le64 other_lba;
    Le64 first_usable;
    Le64 last_usable;
    Guid disk;
    Le64 entries_lba;
    Le32 entry_count;
    Le32 entry_size;
    Le32 entries_crc;
};
static_assert(sizeof(GptHeader) == 92);

struct GptEntry {
    Guid type;
    Guid id;
    Le64 first;
    Le64 last;
    Le64 attributes;
    Le16 name[36]; // UTF-16
};
static_assert(sizeof(GptEntry) == 128);

struct MbrPartition {
    std::uint8_t status;
    std::uint8_t first_chs[3];
    std::uint8_t type;
    std::uint8_t last_chs[3];
    Le32 first;
    Le32 count;
};
static_assert(sizeof(MbrPartition) == 16);

inline constexpr std::uint64_t k_gpt_signature = 0x5452415020494645; // "EFI PART"
inline constexpr std::uint32_t k_gpt_revision = 0x00010000;
inline constexpr std::uint32_t k_entry_count = 128;
inline constexpr std::uint64_t k_entry_sectors = k_entry_count * sizeof(GptEntry) / k_sector_size;
inline constexpr std::uint64_t k_first_usable = 2 + k_entry_sectors;

inline constexpr std::string_view k_bios_boot_type = "21686148-6449-6E6F-744E-656564454649";
inline constexpr std::string_view k_esp_type = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B";

struct Partition {
    Guid type;
    Guid id;
    std::uint64_t first = 0; // sectors, both included
    std::uint64_t last = 0;
    std::string name; // ASCII, at most 36
    auto operator<=>(const Partition&) const = default;
};

struct PartitionTable {
    Guid disk;
    std::uint64_t sectors = 0; // of the whole disk
    std::vector<Partition> partitions;
};

// The bytes of LBA 0 to 33, with boot_code in the MBR, and of the last 33 LBAs.
ByteVector primary_gpt(const PartitionTable& table, ByteSpan boot_code);
ByteVector backup_gpt(const PartitionTable& table);

// CRC-32 as the UEFI specification means it (ISO 3309, reflected, as in zlib).
std::uint32_t crc32(ByteSpan bytes);

} // namespace unik::disk
