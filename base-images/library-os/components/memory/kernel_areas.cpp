// The kernel areas: stacks, each above a guard of its own size that is never mapped, and device
// registers. A stack's address space is one slot; stacks that come back are kept mapped up to a
// few, because threads come and go.
#include <memory/frames.hpp>

#include <arch/paging.hpp>
#include <foundation/lock.hpp>
#include <foundation/vector.hpp>

namespace os::memory {
namespace {

constexpr std::uint64_t k_slot = 2 * k_kernel_stack_size;
constexpr std::uint64_t k_devices = arch::k_kernel_areas + (1ULL << 44);
constexpr unsigned k_most_kept = 8;

struct KernelAreas {
    std::uint64_t next_slot = arch::k_kernel_areas;
    Vector<std::uint64_t> free_slots;
    std::uint64_t kept[k_most_kept] = {}; // tops of mapped stacks without an owner
    unsigned kept_count = 0;
    std::uint64_t next_device = k_devices;
};
// Leaves memory alone at the end: nothing destroys it.
union Storage {
    constexpr Storage() : areas() {}
    ~Storage() {}
    KernelAreas areas;
};
constinit Storage g_storage;
constinit SpinLock g_lock{LockRank::address_space};

void unmap_stack(std::uint64_t top, std::uint64_t bottom) {
    for (std::uint64_t page = bottom; page < top; page += k_page_size) {
        const arch::Translation before = arch::unmap_page(VirtAddr{page});
        if (before.present)
            free_frames(before.frame, 0);
    }
}

Result<void> map_stack(std::uint64_t top) {
    const std::uint64_t bottom = top - k_kernel_stack_size;
    for (std::uint64_t page = bottom; page < top; page += k_page_size) {
        const Result<PhysAddr> frame = allocate_frames(0);
        Result<void> mapped =
            frame.ok() ? arch::map_page(VirtAddr{page}, frame.value(), {.writable = true})
                       : Result<void>(frame.error());
        if (mapped.ok())
            continue;
        if (frame.ok())
            free_frames(frame.value(), 0);
        unmap_stack(top, bottom);
        return mapped;
    }
    return {};
}

// A slot whose number finds no room in the list stays unused: address space is plenty.
void free_slot(KernelAreas& areas, std::uint64_t top) {
    (void)areas.free_slots.push(top).ok();
}

} // namespace

Result<VirtAddr> allocate_kernel_stack() {
    LockGuard guard(g_lock);
    KernelAreas& areas = g_storage.areas;
    if (areas.kept_count != 0)
        return VirtAddr{areas.kept[--areas.kept_count]};
    std::uint64_t top = 0;
    if (!areas.free_slots.empty()) {
        top = areas.free_slots[areas.free_slots.size() - 1];
        areas.free_slots.pop();
    } else {
        if (areas.next_slot + k_slot > k_devices)
            return Errno::enomem;
        areas.next_slot += k_slot;
        top = areas.next_slot;
    }
    const Result<void> mapped = map_stack(top);
    if (mapped.ok())
        return VirtAddr{top};
    free_slot(areas, top);
    return mapped.error();
}

void free_kernel_stack(VirtAddr top) {
    LockGuard guard(g_lock);
    KernelAreas& areas = g_storage.areas;
    if (areas.kept_count < k_most_kept) {
        areas.kept[areas.kept_count++] = top.value;
        return;
    }
    unmap_stack(top.value, top.value - k_kernel_stack_size);
    free_slot(areas, top.value);
}

Result<VirtAddr> map_device(PhysAddr address, std::size_t size) {
    LockGuard guard(g_lock);
    KernelAreas& areas = g_storage.areas;
    const std::uint64_t first = align_down(address.value, k_page_size);
    if (size == 0 || size > arch::k_kernel_areas_end - areas.next_device ||
        address.value > (1ULL << 52) - size)
        return Errno::einval;
    const std::uint64_t bytes = align_up(address.value + size, k_page_size) - first;
    if (bytes > arch::k_kernel_areas_end - areas.next_device)
        return Errno::enomem;
    const std::uint64_t start = areas.next_device;
    for (std::uint64_t done = 0; done < bytes; done += k_page_size)
        UNIK_TRY(arch::map_page(VirtAddr{start + done}, PhysAddr{first + done},
                                {.writable = true, .uncached = true}));
    areas.next_device += bytes;
    return VirtAddr{start + (address.value - first)};
}

} // namespace os::memory
