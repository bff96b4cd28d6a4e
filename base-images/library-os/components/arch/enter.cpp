// The first C++ of the kernel: this CPU's tables, then the front door's BootInfo, then the kernel.
#include <arch/front_door.hpp>
#include <arch/paging.hpp>

#include "tables.hpp"

extern "C" {
extern std::uint8_t unik_kernel_start[], unik_kernel_end[];
}

namespace os::arch {
namespace {

constinit BootInfo g_boot_info;

struct Range {
    std::uint64_t start;
    std::uint64_t end;
};

// Not so far up that it costs another page table; then what lies between the firmware's data and
// its holes, for machines that end just above the image.
constexpr Range k_reachable[] = {{1ULL << 20, 1ULL << 32}, {64ULL << 10, 640ULL << 10}};

// The highest place for `size` bytes in the region that reaches into the range, above the image or
// else below it; 0: none.
std::uint64_t find_place(const MemoryRegion& region, const Range& range, std::uint64_t size) {
    const auto place_within = [size](Range free) {
        const std::uint64_t end = align_down(free.end, k_page_size);
        return end >= size && end - size >= free.start ? end - size : 0;
    };
    const std::uint64_t region_end = region.start.value + region.size;
    const Range free{region.start.value > range.start ? region.start.value : range.start,
                     region_end < range.end ? region_end : range.end};
    const Range image{image_physical(unik_kernel_start).value,
                      image_physical(unik_kernel_end).value};
    if (free.start >= image.end || free.end <= image.start)
        return place_within(free);
    const std::uint64_t above = place_within({image.end, free.end});
    return above != 0 ? above : place_within({free.start, image.start});
}

// Ends the region where the place begins; what lies behind the place becomes a region of its own.
void cut(MemoryRegion& region, Range place) {
    const std::uint64_t end = region.start.value + region.size;
    region.size = place.start - region.start.value;
    if (end > place.end && g_boot_info.region_count < BootInfo::k_most_regions)
        g_boot_info.regions[g_boot_info.region_count++] = {
            .start = PhysAddr{place.end}, .size = end - place.end, .kind = region.kind};
}

} // namespace

const BootInfo& boot_info() {
    return g_boot_info;
}

void* take_boot_memory(std::uint64_t size) {
    size = align_up(size, k_page_size);
    for (const Range& range : k_reachable) {
        for (unsigned i = 0; i < g_boot_info.region_count; ++i) {
            MemoryRegion& region = g_boot_info.regions[i];
            if (region.kind != MemoryRegion::Kind::usable)
                continue;
            const std::uint64_t start = find_place(region, range, size);
            void* memory = start != 0 ? map_early(PhysAddr{start}, size) : nullptr;
            if (memory == nullptr)
                continue;
            cut(region, {start, start + size});
            __builtin_memset(memory, 0, size);
            return memory;
        }
    }
    return nullptr;
}

} // namespace os::arch

extern "C" [[noreturn]] void unik_arch_enter(std::uint64_t loader_data,
                                             os::arch::FrontDoor front_door,
                                             std::uint64_t entry_tsc) {
    os::arch::load_tables();
    os::arch::protect_image();
    os::arch::enable_fpu();
    os::arch::g_boot_info.entry_tsc = entry_tsc;
    front_door(loader_data, os::arch::g_boot_info);
    unik_kernel_main();
}
