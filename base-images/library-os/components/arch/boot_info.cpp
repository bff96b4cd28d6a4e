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

void withhold(BootInfo& out, std::uint64_t start, std::uint64_t size) {
    const std::uint64_t end = start + size;
    const unsigned count = out.region_count;
    for (unsigned i = 0; i < count; ++i) {
        MemoryRegion& region = out.regions[i];
        const std::uint64_t region_end = region.start.value + region.size;
        if (region.kind != MemoryRegion::Kind::usable || region.start.value >= end ||
            region_end <= start)
            continue;
        if (region.start.value < start) {
            region.size = start - region.start.value;
            if (region_end > end)
                add_region(out, end, region_end - end, MemoryRegion::Kind::usable);
        } else if (region_end > end) {
            region.start = PhysAddr{end};
            region.size = region_end - end;
        } else {
            region.kind = MemoryRegion::Kind::reserved;
        }
    }
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
