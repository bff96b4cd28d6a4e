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

// Not what firmware and loader use, and not so far up that it costs another page table.
constexpr std::uint64_t k_reachable_from = 1ULL << 20;
constexpr std::uint64_t k_reachable_to = 1ULL << 32;

bool overlaps_image(std::uint64_t start, std::uint64_t end) {
    const auto image_start = reinterpret_cast<std::uint64_t>(unik_kernel_start) - k_kernel_image;
    const auto image_end = reinterpret_cast<std::uint64_t>(unik_kernel_end) - k_kernel_image;
    return start < image_end && end > image_start;
}

} // namespace

const BootInfo& boot_info() {
    return g_boot_info;
}

void* take_boot_memory(std::uint64_t size) {
    size = align_up(size, k_page_size);
    for (unsigned i = 0; i < g_boot_info.region_count; ++i) {
        MemoryRegion& region = g_boot_info.regions[i];
        const std::uint64_t end = align_down(region.start.value + region.size, k_page_size);
        if (region.kind != MemoryRegion::Kind::usable || end > k_reachable_to || end < size)
            continue;
        const std::uint64_t start = end - size;
        if (start < region.start.value || start < k_reachable_from || overlaps_image(start, end))
            continue;
        void* memory = map_early(PhysAddr{start}, size);
        if (memory == nullptr)
            continue;
        region.size = start - region.start.value;
        __builtin_memset(memory, 0, size);
        return memory;
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
