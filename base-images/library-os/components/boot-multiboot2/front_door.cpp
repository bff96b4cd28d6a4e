// Reads the Multiboot2 information into the BootInfo. It lies in memory that the map calls usable,
// so all that is needed later is copied.
#include <arch/front_door.hpp>
#include <arch/paging.hpp>
#include <foundation/panic.hpp>

#include "information.hpp"

namespace os::boot_multiboot2 {
namespace {

constexpr std::size_t k_root_size = 36; // of the RSDP, ACPI 6.5 section 5.2.5.3
alignas(16) constinit std::uint8_t g_acpi_root[k_root_size];

const std::uint8_t* content_of(const Tag& tag) {
    return reinterpret_cast<const std::uint8_t*>(&tag + 1);
}

void read_memory_map(const Tag& tag, arch::BootInfo& out) {
    if (tag.size < sizeof(MemoryMapTag))
        return;
    const auto& map = reinterpret_cast<const MemoryMapTag&>(tag);
    if (map.entry_size < sizeof(MemoryMapEntry))
        return;
    const auto* first = reinterpret_cast<const std::uint8_t*>(&map + 1);
    const std::size_t count = (tag.size - sizeof(MemoryMapTag)) / map.entry_size;
    for (std::size_t i = 0; i < count; ++i) {
        const auto& entry = reinterpret_cast<const MemoryMapEntry&>(first[i * map.entry_size]);
        arch::add_region(out, entry.address, entry.size, arch::kind_of_e820(entry.type));
    }
}

void read_command_line(const Tag& tag, arch::BootInfo& out) {
    const std::size_t size = tag.size - sizeof(Tag);
    const std::uint8_t* text = content_of(tag);
    for (std::size_t i = 0; i < size && i < sizeof(out.command_line) - 1 && text[i] != '\0'; ++i)
        out.command_line[i] = static_cast<char>(text[i]);
}

void keep_acpi_root(const Tag& tag, arch::BootInfo& out) {
    const std::size_t size = tag.size - sizeof(Tag);
    const std::uint8_t* from = content_of(tag);
    for (std::size_t i = 0; i < size && i < k_root_size; ++i)
        g_acpi_root[i] = from[i];
    out.acpi_root = arch::image_physical(g_acpi_root);
}

void read_tag(const Tag& tag, arch::BootInfo& out) {
    switch (tag.type) {
    case TagType::command_line: return read_command_line(tag, out);
    case TagType::memory_map: return read_memory_map(tag, out);
    case TagType::acpi_root: return keep_acpi_root(tag, out);
    case TagType::old_acpi_root:
        if (out.acpi_root.value == 0)
            keep_acpi_root(tag, out);
        return;
    default: return;
    }
}

void read_tags(const std::uint8_t* information, std::uint32_t size, arch::BootInfo& out) {
    std::uint32_t at = sizeof(InformationHeader);
    while (at <= size && size - at >= sizeof(Tag)) {
        const auto& tag = reinterpret_cast<const Tag&>(information[at]);
        if (tag.type == TagType::end || tag.size < sizeof(Tag) || tag.size > size - at)
            return;
        read_tag(tag, out);
        at += (tag.size + k_tag_alignment - 1) / k_tag_alignment * k_tag_alignment;
    }
}

} // namespace
} // namespace os::boot_multiboot2

extern "C" void unik_multiboot2_front_door(std::uint64_t address, os::arch::BootInfo& out) {
    using namespace os;
    using namespace os::boot_multiboot2;
    const auto* header = static_cast<const InformationHeader*>(
        arch::map_early(PhysAddr{address}, sizeof(InformationHeader)));
    if (header == nullptr || header->size < sizeof(InformationHeader) ||
        header->size > k_most_information)
        panic("the loader's Multiboot2 information at 0x%lx has no valid size", address);
    const auto* information =
        static_cast<const std::uint8_t*>(arch::map_early(PhysAddr{address}, header->size));
    if (information != nullptr)
        read_tags(information, header->size, out);
    if (out.region_count == 0)
        panic("the loader gives no memory map in its Multiboot2 information at 0x%lx", address);
}
