// What a Multiboot2 loader passes (Multiboot2 Specification 2.0, section 3.6): a list of tags, each
// on 8 bytes.
#pragma once

#include <cstdint>

namespace os::boot_multiboot2 {

struct InformationHeader {
    std::uint32_t size; // of all
    std::uint32_t reserved;
};

enum class TagType : std::uint32_t {
    end = 0,
    command_line = 1,
    memory_map = 6,
    old_acpi_root = 14, // a copy of the RSDP, revision 1
    acpi_root = 15,     // the same, revision 2 and later
};

struct Tag {
    TagType type;
    std::uint32_t size; // with this header
};

struct MemoryMapTag {
    Tag tag;
    std::uint32_t entry_size;
    std::uint32_t entry_version;
};

struct MemoryMapEntry {
    std::uint64_t address;
    std::uint64_t size;
    std::uint32_t type; // as E820
    std::uint32_t reserved;
};
static_assert(sizeof(MemoryMapEntry) == 24);

inline constexpr std::uint32_t k_tag_alignment = 8;
inline constexpr std::uint32_t k_most_information = 1U << 20; // bytes

} // namespace os::boot_multiboot2
