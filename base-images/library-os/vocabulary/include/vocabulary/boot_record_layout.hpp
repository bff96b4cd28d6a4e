// What the disk writer tells the BIOS boot record; the boot record's assembly includes this too.
//
// The boot-bios component is one flat binary: a first sector (the MBR's code; only its first 440
// bytes go onto the disk, the rest of the sector belongs to the partition table), the second
// stage, and room for the load table, which is its last k_load_table_size bytes. The disk writer
// puts second stage and load table into the BIOS boot partition and fills in
//   - in the MBR: the disk address packet (INT 13h, function 42h) with which it reads them, that is
//     their number of sectors and their first LBA;
//   - the load table: where the kernel's bytes lie on the disk and where they go in memory.
// All integers are little-endian, and all sectors here have 512 bytes: the boot record scales them
// when the drive's are larger, which needs the second stage to begin at a multiple of 4 KiB.
//
// On a CD the same MBR, in another place, is what El Torito starts; it is told there that sectors
// have 2048 bytes, since BIOSes differ in what they say of CDs. In memory the MBR leaves the
// sector size at the same place for the second stage.
#pragma once

#define UNIK_SECTOR_SIZE 512
#define UNIK_MBR_CODE_SIZE 440
#define UNIK_SECTOR_SIZE_OFFSET 422 /* 0: ask the BIOS */
#define UNIK_PACKET_OFFSET 424
#define UNIK_MBR_ADDRESS 0x7c00
#define UNIK_STAGE_TWO_ADDRESS 0x7e00
#define UNIK_STAGE_TWO_LIMIT 0xae00     /* 24 sectors: the BIOS boot partition */
#define UNIK_STAGE_TWO_MAGIC 0x4b494e55 /* "UNIK" */
#define UNIK_LOAD_TABLE_SIZE 2048
#define UNIK_LOAD_TABLE_MAGIC 0x314c5455 /* "UTL1" */
#define UNIK_LOAD_TABLE_NAME_SIZE 64
#define UNIK_LOAD_TABLE_HEADER_SIZE 80
#define UNIK_LOAD_ENTRY_SIZE 32

#ifndef __ASSEMBLER__
#include <cstddef>
#include <cstdint>

#include <vocabulary/endian.hpp>

namespace vocabulary {

inline constexpr std::size_t k_sector_size = UNIK_SECTOR_SIZE;
inline constexpr std::size_t k_mbr_code_size = UNIK_MBR_CODE_SIZE;
inline constexpr std::size_t k_load_table_size = UNIK_LOAD_TABLE_SIZE;
inline constexpr std::size_t k_stage_two_limit = UNIK_STAGE_TWO_LIMIT - UNIK_STAGE_TWO_ADDRESS;

// INT 13h extensions: the packet in the MBR at UNIK_PACKET_OFFSET.
struct DiskAddressPacket {
    std::uint8_t size;
    std::uint8_t reserved;
    Le16 sectors;
    Le16 buffer_offset;
    Le16 buffer_segment;
    Le64 lba;
};
static_assert(sizeof(DiskAddressPacket) == 16);
static_assert(UNIK_PACKET_OFFSET + sizeof(DiskAddressPacket) == UNIK_MBR_CODE_SIZE);

struct LoadTableHeader {
    Le32 magic;
    Le32 entry_count;
    Le32 kernel_entry; // physical address of the PVH entry
    Le32 checksum;     // makes the 32-bit words from the second stage's first one on add up to 0
    char name[UNIK_LOAD_TABLE_NAME_SIZE]; // NUL-terminated, printable ASCII
};
static_assert(sizeof(LoadTableHeader) == UNIK_LOAD_TABLE_HEADER_SIZE);

// byte_count bytes that begin `skip` bytes into sector `lba` go to `destination`, followed by
// zero_count zeros.
struct LoadEntry {
    Le64 lba;
    Le32 skip; // less than a sector
    Le32 byte_count;
    Le32 destination; // physical, at or above 1 MiB
    Le32 zero_count;
    Le64 reserved;
};
static_assert(sizeof(LoadEntry) == UNIK_LOAD_ENTRY_SIZE);

inline constexpr std::size_t k_load_entry_limit =
    (k_load_table_size - sizeof(LoadTableHeader)) / sizeof(LoadEntry);

} // namespace vocabulary
#endif
