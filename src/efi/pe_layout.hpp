// The structures of a PE32+ image as they lie in the file (Microsoft, "PE Format", sections COFF
// File Header, Optional Header and Section Table), and the numbers that unik writes.
#pragma once

#include <cstddef>
#include <cstdint>

#include <vocabulary/endian.hpp>

namespace unik::efi {

using vocabulary::Le16;
using vocabulary::Le32;
using vocabulary::Le64;

inline constexpr std::size_t k_pe_pointer_offset = 0x3c; // in the MS-DOS header

inline constexpr std::uint16_t k_machine_amd64 = 0x8664;
// Executable; no line numbers, no symbols, no debug information; addresses above 2 GiB are fine.
inline constexpr std::uint16_t k_file_flags = 0x0002 | 0x0004 | 0x0008 | 0x0200 | 0x0020;
inline constexpr std::uint16_t k_magic_64_bit = 0x20b;
inline constexpr std::uint16_t k_subsystem_efi_application = 10;
// HIGH_ENTROPY_VA, DYNAMIC_BASE, NX_COMPAT: it runs anywhere and needs no memory both writable and
// executable.
inline constexpr std::uint16_t k_dll_flags = 0x0020 | 0x0040 | 0x0100;
inline constexpr std::uint32_t k_directory_count = 16;

inline constexpr std::uint32_t k_section_code = 0x0000'0020;
inline constexpr std::uint32_t k_section_data = 0x0000'0040;
inline constexpr std::uint32_t k_section_execute = 0x2000'0000;
inline constexpr std::uint32_t k_section_read = 0x4000'0000;
inline constexpr std::uint32_t k_section_write = 0x8000'0000;

struct CoffHeader {
    char signature[4] = {'P', 'E', 0, 0};
    Le16 machine;
    Le16 section_count;
    Le32 time_stamp;
    Le32 symbol_table;
    Le32 symbol_count;
    Le16 optional_header_size;
    Le16 flags;
};
static_assert(sizeof(CoffHeader) == 24);

struct DataDirectory {
    Le32 address;
    Le32 size;
};

struct OptionalHeader {
    Le16 magic;
    std::uint8_t linker_version[2] = {};
    Le32 code_size;
    Le32 initialized_size;
    Le32 uninitialized_size;
    Le32 entry;
    Le32 code_start;
    Le64 image_base;
    Le32 section_alignment;
    Le32 file_alignment;
    Le16 versions[6]; // of the operating system, the image, the subsystem
    Le32 reserved;
    Le32 image_size;
    Le32 headers_size;
    Le32 checksum;
    Le16 subsystem;
    Le16 dll_flags;
    Le64 stack_reserve;
    Le64 stack_commit;
    Le64 heap_reserve;
    Le64 heap_commit;
    Le32 loader_flags;
    Le32 directory_count;
    DataDirectory directories[k_directory_count];
};
static_assert(sizeof(OptionalHeader) == 240);
static_assert(offsetof(OptionalHeader, checksum) == 64);

struct SectionEntry {
    char name[8] = {};
    Le32 memory_size;
    Le32 address;
    Le32 file_size;
    Le32 file_offset;
    Le32 relocations;
    Le32 line_numbers;
    Le16 relocation_count;
    Le16 line_number_count;
    Le32 flags;
};
static_assert(sizeof(SectionEntry) == 40);

} // namespace unik::efi
