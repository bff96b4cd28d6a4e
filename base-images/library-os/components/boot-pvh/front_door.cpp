// Reads the PVH start info into the BootInfo. Loaders of version 0 give no memory map; on QEMU the
// file etc/e820 has it.
#include <arch/front_door.hpp>
#include <arch/paging.hpp>
#include <foundation/panic.hpp>
#include <fw-cfg/fw_cfg.hpp>

#include "start_info.hpp"

namespace os::boot_pvh {
namespace {

void read_memory_map(const StartInfo& info, arch::BootInfo& out) {
    constexpr std::uint32_t most_entries = 1024;
    const std::uint32_t count =
        info.memory_map_entries < most_entries ? info.memory_map_entries : most_entries;
    const auto* entries = static_cast<const MemoryMapEntry*>(
        arch::map_early(PhysAddr{info.memory_map}, count * sizeof(MemoryMapEntry)));
    if (entries == nullptr)
        return;
    for (std::uint32_t i = 0; i < count; ++i)
        arch::add_region(out, entries[i].address, entries[i].size,
                         arch::kind_of_e820(entries[i].type));
}

void read_qemu_memory_map(arch::BootInfo& out) {
    struct [[gnu::packed]] Entry {
        std::uint64_t address;
        std::uint64_t size;
        std::uint32_t type;
    };
    static constinit Entry entries[arch::BootInfo::k_most_regions] = {};
    const Result<fw_cfg::File> file = fw_cfg::find("etc/e820");
    if (!file.ok())
        return;
    const std::size_t size = fw_cfg::read(
        file.value(), MutableBytes(reinterpret_cast<std::uint8_t*>(entries), sizeof(entries)));
    for (std::size_t i = 0; i < size / sizeof(Entry); ++i)
        arch::add_region(out, entries[i].address, entries[i].size,
                         arch::kind_of_e820(entries[i].type));
}

} // namespace
} // namespace os::boot_pvh

extern "C" void unik_pvh_front_door(std::uint64_t start_info, os::arch::BootInfo& out) {
    using namespace os;
    using namespace os::boot_pvh;
    const auto* info =
        static_cast<const StartInfo*>(arch::map_early(PhysAddr{start_info}, sizeof(StartInfo)));
    if (info == nullptr || info->magic != k_start_magic)
        panic("the loader's PVH start info at 0x%lx has no valid signature", start_info);
    out.acpi_root = PhysAddr{info->acpi_root};
    arch::set_command_line(out, PhysAddr{info->command_line});
    if (info->version >= 1 && info->memory_map_entries > 0)
        read_memory_map(*info, out);
    if (out.region_count == 0)
        read_qemu_memory_map(out);
    if (out.region_count == 0)
        panic("the loader gives no memory map: neither in the PVH start info nor by fw_cfg");
}
