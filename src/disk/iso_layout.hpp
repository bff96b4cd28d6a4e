// The structures of ISO 9660 (ECMA-119) and of El Torito's boot catalogue, as they lie on a CD.
#pragma once

#include <cstdint>

#include <vocabulary/endian.hpp>

namespace unik::disk {

using vocabulary::Be16;
using vocabulary::Be32;
using vocabulary::Le16;
using vocabulary::Le32;

inline constexpr std::uint64_t k_iso_block = 2048;

// Both byte orders, one behind the other (ECMA-119, 7.2.3 and 7.3.3).
struct IsoBoth16 {
    IsoBoth16() = default;
    IsoBoth16(std::uint16_t value) : little(value), big(value) {}
    Le16 little;
    Be16 big;
};
struct IsoBoth32 {
    IsoBoth32() = default;
    IsoBoth32(std::uint32_t value) : little(value), big(value) {}
    Le32 little;
    Be32 big;
};

struct IsoDirectoryRecord { // 9.1; the name follows
    std::uint8_t length;
    std::uint8_t attribute_length;
    IsoBoth32 block;
    IsoBoth32 size;
    std::uint8_t date[7]; // zeros: not given
    std::uint8_t flags;   // 2: a directory
    std::uint8_t unit_size;
    std::uint8_t gap_size;
    IsoBoth16 volume;
    std::uint8_t name_length;
};
static_assert(sizeof(IsoDirectoryRecord) == 33);

struct IsoVolumeDescriptor { // 8.4
    std::uint8_t type;
    char standard[5];
    std::uint8_t version;
    std::uint8_t unused_7;
    char system[32];
    char volume[32];
    std::uint8_t unused_72[8];
    IsoBoth32 blocks;
    std::uint8_t unused_88[32];
    IsoBoth16 set_size;
    IsoBoth16 sequence;
    IsoBoth16 block_size;
    IsoBoth32 path_table_size;
    Le32 little_path_table;
    Le32 second_little_path_table;
    Be32 big_path_table;
    Be32 second_big_path_table;
    IsoDirectoryRecord root;
    std::uint8_t root_name;
    char set[128];
    char publisher[128];
    char preparer[128];
    char application[128];
    char files[3][37];
    char dates[4][17]; // creation, modification, expiration, effective
    std::uint8_t structure_version;
    std::uint8_t rest[1166];
};
static_assert(sizeof(IsoVolumeDescriptor) == k_iso_block);

struct IsoBootDescriptor { // 8.2
    std::uint8_t type;
    char standard[5];
    std::uint8_t version;
    char system[32];
    std::uint8_t unused[32];
    Le32 catalogue;
};
static_assert(sizeof(IsoBootDescriptor) == 75);

// The boot catalogue's entries (El Torito 1.0, figures 2 to 5).
struct IsoValidationEntry {
    std::uint8_t id;
    std::uint8_t platform;
    Le16 reserved;
    char maker[24];
    Le16 checksum; // makes the 16-bit words add up to 0
    std::uint8_t key[2];
};
struct IsoBootEntry {
    std::uint8_t indicator; // 88h: bootable
    std::uint8_t media;     // 0: no emulation
    Le16 segment;           // 0: 07c0h
    std::uint8_t system;
    std::uint8_t unused;
    Le16 sectors; // of 512 bytes
    Le32 block;
    std::uint8_t criteria[20];
};
struct IsoSectionHeader {
    std::uint8_t id; // 91h: the last one
    std::uint8_t platform;
    Le16 entries;
    char name[28];
};
struct IsoCatalogue {
    IsoValidationEntry validation;
    IsoBootEntry bios;
    IsoSectionHeader section;
    IsoBootEntry uefi;
};
static_assert(sizeof(IsoCatalogue) == 128);

} // namespace unik::disk
