// In the top half: what the application has learned becomes the BootInfo.
#include <arch/front_door.hpp>
#include <foundation/panic.hpp>

#include "firmware.hpp"
#include "hand_over.hpp"

namespace os::boot_uefi {
namespace {

// Usable memory is what belongs to nobody once the boot services have ended (UEFI 2.10, table
// 7.10); of the rest, only what ACPI keeps is told apart.
arch::MemoryRegion::Kind kind_of(const MemoryDescriptor& descriptor) {
    using Kind = arch::MemoryRegion::Kind;
    const bool ordinary = (descriptor.attributes & k_write_back) != 0 &&
                          (descriptor.attributes & k_specific_purpose) == 0;
    switch (static_cast<MemoryType>(descriptor.type)) {
    case MemoryType::conventional:
    case MemoryType::loader_code:
    case MemoryType::loader_data:
    case MemoryType::boot_services_code:
    case MemoryType::boot_services_data: return ordinary ? Kind::usable : Kind::reserved;
    case MemoryType::acpi_reclaimable: return Kind::acpi;
    case MemoryType::acpi_nvs: return Kind::nvs;
    default: return Kind::reserved;
    }
}

// Swaps bring the few descriptors that are out of order to their places, so that neighbours meet.
void sort_by_start(std::uint8_t* map, std::uint64_t count, std::uint64_t size) {
    const auto at = [&](std::uint64_t index) {
        return reinterpret_cast<MemoryDescriptor*>(map + index * size);
    };
    for (std::uint64_t i = 1; i < count; ++i)
        for (std::uint64_t j = i; j > 0 && at(j)->start < at(j - 1)->start; --j) {
            const MemoryDescriptor moved = *at(j);
            *at(j) = *at(j - 1);
            *at(j - 1) = moved;
        }
}

void read_memory_map(const MemoryMap& map, arch::BootInfo& out) {
    auto* bytes = static_cast<std::uint8_t*>(arch::map_early(PhysAddr{map.start}, map.size));
    if (bytes == nullptr || map.descriptor_size < sizeof(MemoryDescriptor))
        panic("the firmware's memory map at 0x%lx cannot be read", map.start);
    const std::uint64_t count = map.size / map.descriptor_size;
    sort_by_start(bytes, count, map.descriptor_size);
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto& descriptor =
            *reinterpret_cast<const MemoryDescriptor*>(bytes + i * map.descriptor_size);
        // What is not named is not used: reserved memory need not take the places of the list.
        const arch::MemoryRegion::Kind kind = kind_of(descriptor);
        if (kind != arch::MemoryRegion::Kind::reserved)
            arch::add_region(out, descriptor.start, descriptor.page_count * k_page_size, kind);
    }
}

} // namespace
} // namespace os::boot_uefi

extern "C" void unik_uefi_front_door(std::uint64_t address, os::arch::BootInfo& out) {
    using namespace os;
    using namespace os::boot_uefi;
    const auto* from =
        static_cast<const HandOver*>(arch::map_early(PhysAddr{address}, sizeof(HandOver)));
    if (from == nullptr)
        panic("what the firmware told at 0x%lx cannot be read", address);
    out.acpi_root = from->acpi_root;
    out.framebuffer = from->framebuffer;
    __builtin_memcpy(out.command_line, from->command_line, sizeof(out.command_line));
    read_memory_map(from->map, out);
}
