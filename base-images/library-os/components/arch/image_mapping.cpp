// Mappings of the early boot: the kernel's image with the rights of each section, and what early
// steps look at before the component `memory` maps all RAM.
#include <arch/cpu.hpp>
#include <arch/front_door.hpp>
#include <arch/paging.hpp>
#include <foundation/panic.hpp>

#include "image_layout.hpp"
#include "table_entries.hpp"
#include "tables.hpp"

namespace os::arch {
namespace {

constexpr std::uint64_t k_gibibyte = 1ULL << 30;
constexpr std::uint64_t k_early_limit = 1ULL << 46; // what the physical map has room for

// The new mapping is made one GiB below the image while the image runs from the old one; then the
// page directory takes the old one's place.
constexpr std::uint64_t k_aside = k_gibibyte;

void must(const Result<void>& result) {
    if (!result.ok())
        panic("the early page tables are used up");
}

void map_section(const ImageSection& section) {
    std::uint64_t address = align_down(reinterpret_cast<std::uint64_t>(section.start), k_page_size);
    const std::uint64_t end = align_up(reinterpret_cast<std::uint64_t>(section.end), k_page_size);
    while (address < end) {
        const VirtAddr page{address - k_aside};
        const PhysAddr frame = image_physical(reinterpret_cast<const void*>(address));
        const bool large = address % k_large_page_size == 0 && end - address >= k_large_page_size;
        must(large ? map_large_page(page, frame, section.flags)
                   : map_page(page, frame, section.flags));
        address += large ? k_large_page_size : k_page_size;
    }
}

// Maps the 2 MiB pages of a physical range that are not mapped yet.
void* map_early_range(PhysAddr address, std::uint64_t size, PageFlags flags) {
    if (size == 0 || address.value >= k_early_limit || size > k_early_limit - address.value)
        return nullptr;
    const std::uint64_t end = address.value + size;
    for (std::uint64_t frame = align_down(address.value, k_large_page_size); frame < end;
         frame += k_large_page_size) {
        const VirtAddr page{k_physical_map + frame};
        if (translate(page).present)
            continue;
        if (!map_large_page(page, PhysAddr{frame}, flags).ok())
            return nullptr;
    }
    return physical_pointer(address);
}

void map_image_aside_and_swap() {
    for (const ImageSection& section : g_image_layout.sections)
        map_section(section);
    const VirtAddr guard{reinterpret_cast<std::uint64_t>(g_image_layout.stack_guard)};
    const VirtAddr guard_aside{guard.value - k_aside};
    must(map_page(guard_aside, image_physical(g_image_layout.stack_guard), {.writable = true}));
    unmap_page(guard_aside); // now that the page has an entry of its own

    unik_image_pdpt[k_image_entry] = unik_image_pdpt[k_image_entry - 1];
    unik_image_pdpt[k_image_entry - 1] = 0;
}

} // namespace

void protect_image() {
    // Elsewhere than linked, it has been mapped section by section.
    if (g_image_distance == 0)
        map_image_aside_and_swap();
    constexpr unsigned lower_half = k_entries / 2;
    for (unsigned i = 0; i < lower_half; ++i) // what is mapped one to one
        unik_boot_pml4[i] = 0;
    write_cr3(read_cr3());
}

void* map_early(PhysAddr address, std::uint64_t size) {
    return map_early_range(address, size, {.writable = true});
}

void* map_early_device(PhysAddr address, std::uint64_t size) {
    return map_early_range(address, size, {.writable = true, .uncached = true});
}

} // namespace os::arch
