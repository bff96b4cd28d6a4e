// Mappings of the early boot: the kernel's image with the rights of each section, and what early
// steps look at before the component `memory` maps all RAM.
#include <arch/cpu.hpp>
#include <arch/front_door.hpp>
#include <arch/paging.hpp>
#include <foundation/panic.hpp>

#include "tables.hpp"

extern "C" {
extern std::uint8_t unik_text_start[], unik_text_end[];
extern std::uint8_t unik_rodata_start[], unik_rodata_end[];
extern std::uint8_t unik_application_start[], unik_application_end[];
extern std::uint8_t unik_data_start[], unik_data_end[];
extern std::uint8_t unik_application_data_start[], unik_application_data_end[];
extern std::uint8_t unik_bss_start[], unik_bss_end[];
extern std::uint8_t unik_boot_stack_guard[];
extern std::uint64_t unik_boot_pml4[512], unik_image_pdpt[512];
}

namespace os::arch {
namespace {

constexpr std::uint64_t k_large_page_size = 2ULL << 20;
constexpr std::uint64_t k_gibibyte = 1ULL << 30;
constexpr std::uint64_t k_early_limit = 1ULL << 46; // what the physical map has room for

// The new mapping is made one GiB below the image while the image runs from the old one; then the
// page directory takes the old one's place.
constexpr std::uint64_t k_aside = k_gibibyte;
constexpr unsigned k_image_entry = 510; // of the image's page directory pointer table

struct Section {
    const std::uint8_t* start;
    const std::uint8_t* end;
    PageFlags flags;
};

void must(const Result<void>& result) {
    if (!result.ok())
        panic("the early page tables are used up");
}

void map_section(const Section& section) {
    std::uint64_t address = align_down(reinterpret_cast<std::uint64_t>(section.start), k_page_size);
    const std::uint64_t end = align_up(reinterpret_cast<std::uint64_t>(section.end), k_page_size);
    while (address < end) {
        const VirtAddr page{address - k_aside};
        const PhysAddr frame{address - k_kernel_image};
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

} // namespace

void protect_image() {
    const PageFlags code{.executable = true};
    const PageFlags constant{};
    const PageFlags variable{.writable = true};
    const Section sections[] = {
        {unik_text_start, unik_text_end, code},
        {unik_rodata_start, unik_rodata_end, constant},
        {unik_application_start, unik_application_end, constant},
        {unik_data_start, unik_data_end, variable},
        {unik_application_data_start, unik_application_data_end, variable},
        {unik_bss_start, unik_bss_end, variable},
    };
    for (const Section& section : sections)
        map_section(section);
    const VirtAddr guard{reinterpret_cast<std::uint64_t>(unik_boot_stack_guard)};
    const VirtAddr guard_aside{guard.value - k_aside};
    must(map_page(guard_aside, PhysAddr{guard.value - k_kernel_image}, variable)); // splits
    unmap_page(guard_aside);

    unik_image_pdpt[k_image_entry] = unik_image_pdpt[k_image_entry - 1];
    unik_image_pdpt[k_image_entry - 1] = 0;
    unik_boot_pml4[0] = 0; // the identity mapping
    write_cr3(read_cr3());
}

void* map_early(PhysAddr address, std::uint64_t size) {
    return map_early_range(address, size, {.writable = true});
}

void* map_early_device(PhysAddr address, std::uint64_t size) {
    return map_early_range(address, size, {.writable = true, .uncached = true});
}

} // namespace os::arch
