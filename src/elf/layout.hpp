// The structures of ELF64 as they lie in files (System V ABI, chapters 4 and 5), and the numbers
// that unik reads and writes. Little-endian hosts only, as x86-64 is.
#pragma once

#include <bit>
#include <cstdint>

namespace unik::elf {

static_assert(std::endian::native == std::endian::little);

inline constexpr std::uint8_t k_magic[4] = {0x7f, 'E', 'L', 'F'};
inline constexpr std::uint8_t k_class_64 = 2;
inline constexpr std::uint8_t k_little_endian = 1;
inline constexpr std::uint8_t k_version_current = 1;
inline constexpr std::uint16_t k_machine_x86_64 = 62;

inline constexpr std::uint32_t k_segment_load = 1;
inline constexpr std::uint32_t k_segment_dynamic = 2;
inline constexpr std::uint32_t k_segment_interpreter = 3;
inline constexpr std::uint32_t k_segment_note = 4;
inline constexpr std::uint32_t k_segment_headers = 6;               // PT_PHDR
inline constexpr std::uint32_t k_segment_unwind_index = 0x6474e550; // PT_GNU_EH_FRAME
inline constexpr std::uint32_t k_segment_stack = 0x6474e551;        // PT_GNU_STACK

inline constexpr std::uint32_t k_flag_execute = 1;
inline constexpr std::uint32_t k_flag_write = 2;
inline constexpr std::uint32_t k_flag_read = 4;

inline constexpr std::uint32_t k_section_null = 0;
inline constexpr std::uint32_t k_section_data = 1; // SHT_PROGBITS
inline constexpr std::uint32_t k_section_symbol_table = 2;
inline constexpr std::uint32_t k_section_string_table = 3;
inline constexpr std::uint32_t k_section_nobits = 8;

inline constexpr std::uint64_t k_section_writable = 1;
inline constexpr std::uint64_t k_section_allocated = 2;
inline constexpr std::uint64_t k_section_executable = 4;

inline constexpr std::uint8_t k_symbol_no_type = 0;
inline constexpr std::uint8_t k_symbol_object = 1;
inline constexpr std::uint8_t k_symbol_function = 2;
inline constexpr std::uint8_t k_symbol_section = 3;
inline constexpr std::uint8_t k_symbol_file = 4;
inline constexpr std::uint8_t k_symbol_indirect_function = 10; // STT_GNU_IFUNC
inline constexpr std::uint8_t k_binding_local = 0;
inline constexpr std::uint8_t k_binding_global = 1;
inline constexpr std::uint16_t k_section_index_undefined = 0;
inline constexpr std::uint16_t k_section_index_absolute = 0xfff1;

inline constexpr std::uint64_t k_dynamic_null = 0;
inline constexpr std::uint64_t k_dynamic_needed = 1;
inline constexpr std::uint64_t k_dynamic_string_table = 5;
inline constexpr std::uint64_t k_dynamic_soname = 14;
inline constexpr std::uint64_t k_dynamic_rpath = 15;
inline constexpr std::uint64_t k_dynamic_runpath = 29;
inline constexpr std::uint64_t k_dynamic_flags_1 = 0x6ffffffb;
inline constexpr std::uint64_t k_no_default_folders = 0x800; // DF_1_NODEFLIB

struct FileHeader {
    std::uint8_t identification[16];
    std::uint16_t type;
    std::uint16_t machine;
    std::uint32_t version;
    std::uint64_t entry;
    std::uint64_t program_header_offset;
    std::uint64_t section_header_offset;
    std::uint32_t flags;
    std::uint16_t header_size;
    std::uint16_t program_header_size;
    std::uint16_t program_header_count;
    std::uint16_t section_header_size;
    std::uint16_t section_header_count;
    std::uint16_t section_name_index;
};
static_assert(sizeof(FileHeader) == 64);

struct ProgramHeader {
    std::uint32_t type;
    std::uint32_t flags;
    std::uint64_t offset;
    std::uint64_t address;
    std::uint64_t physical_address;
    std::uint64_t file_size;
    std::uint64_t memory_size;
    std::uint64_t alignment;
};
static_assert(sizeof(ProgramHeader) == 56);

struct SectionHeader {
    std::uint32_t name;
    std::uint32_t type;
    std::uint64_t flags;
    std::uint64_t address;
    std::uint64_t offset;
    std::uint64_t size;
    std::uint32_t link;
    std::uint32_t info;
    std::uint64_t alignment;
    std::uint64_t entry_size;
};
static_assert(sizeof(SectionHeader) == 64);

struct SymbolEntry {
    std::uint32_t name;
    std::uint8_t info; // binding << 4 | type
    std::uint8_t other;
    std::uint16_t section;
    std::uint64_t value;
    std::uint64_t size;
};
static_assert(sizeof(SymbolEntry) == 24);

struct DynamicEntry {
    std::uint64_t tag;
    std::uint64_t value;
};
static_assert(sizeof(DynamicEntry) == 16);

} // namespace unik::elf
