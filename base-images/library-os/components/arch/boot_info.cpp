// What all front doors do with what they are told.
#include <arch/boot_info.hpp>

#include <arch/front_door.hpp>

namespace os::arch {

void add_region(BootInfo& out, std::uint64_t start, std::uint64_t size, MemoryRegion::Kind kind) {
    if (size == 0 || start + size < start)
        return;
    if (out.region_count > 0) {
        MemoryRegion& last = out.regions[out.region_count - 1];
        if (last.kind == kind && last.start.value + last.size == start) {
            last.size += size;
            return;
        }
    }
    if (out.region_count < BootInfo::k_most_regions)
        out.regions[out.region_count++] = {.start = PhysAddr{start}, .size = size, .kind = kind};
}

MemoryRegion::Kind kind_of_e820(std::uint32_t type) {
    constexpr auto last_known = static_cast<std::uint32_t>(MemoryRegion::Kind::unusable);
    return type >= 1 && type <= last_known ? static_cast<MemoryRegion::Kind>(type)
                                           : MemoryRegion::Kind::reserved;
}

void set_command_line(BootInfo& out, PhysAddr text) {
    constexpr std::size_t room = sizeof(out.command_line) - 1;
    const auto* from = text.value == 0 ? nullptr : static_cast<const char*>(map_early(text, room));
    if (from == nullptr)
        return;
    for (std::size_t i = 0; i < room && from[i] != '\0'; ++i)
        out.command_line[i] = from[i];
}

} // namespace os::arch
