// Page tables for an image that firmware has put anywhere. This runs at the image's physical place
// before the kernel's tables stand: the file is compiled as position-independent code
// (sources.cmake), takes the addresses as linked from g_image_layout, and calls nothing.
//
// What it makes: the first 1 GiB in the physical map, image and spare pages there as well, and the
// image at its linked address, all of its pages with the rights of their sections. The lower half
// has the same tables as the physical map, so image and spare pages are also mapped one to one;
// protect_image() takes that away. An image that lies where it is linked is mapped as the 32-bit
// entry does it, which takes no spare pages.
//
// With five-level tables (CR4.LA57), which cannot be left in long mode, both halves of a root of
// their own lead to the four levels that the kernel knows.
#include <arch/front_door.hpp>

#include "image_layout.hpp"
#include "table_entries.hpp"

extern "C" {
extern std::uint8_t unik_kernel_start[] [[gnu::visibility("hidden")]];
std::uint64_t unik_place_image(os::arch::SparePages spare, std::uint64_t cr4);
}

namespace os::arch {
namespace {

constexpr std::uint64_t k_five_levels = 1ULL << 12; // CR4.LA57
constexpr unsigned k_physical_map_entry = index_of(k_physical_map, k_root_level);
constexpr unsigned k_image_root_entry = 511;

std::uint64_t physical(const void* table) {
    return reinterpret_cast<std::uint64_t>(table);
}

std::uint64_t linked(const std::uint8_t* symbol) {
    return reinterpret_cast<std::uint64_t>(symbol);
}

// Not memset, which would be a call.
void zero(std::uint64_t* table) {
    std::uint64_t count = k_entries;
    asm volatile("rep stosq" : "+D"(table), "+c"(count) : "a"(0) : "memory");
}

class Tables {
public:
    explicit Tables(SparePages spare)
        : next_(spare.start), end_(spare.start + spare.count * k_page_size) {}

    std::uint64_t* take() {
        if (next_ == end_)
            __builtin_trap(); // spare_pages_for() counts them all
        auto* table = reinterpret_cast<std::uint64_t*>(next_);
        next_ += k_page_size;
        zero(table);
        return table;
    }

    std::uint64_t& entry_for(std::uint64_t address, unsigned wanted_level) {
        std::uint64_t* table = unik_boot_pml4;
        for (unsigned level = k_root_level; level > wanted_level; --level) {
            std::uint64_t& entry = table[index_of(address, level)];
            if ((entry & k_present) == 0)
                entry = physical(take()) | k_present | k_write;
            table = reinterpret_cast<std::uint64_t*>(entry & k_address_mask);
        }
        return table[index_of(address, wanted_level)];
    }

private:
    std::uint64_t next_;
    std::uint64_t end_;
};

void map_first_gibibyte() {
    for (unsigned i = 0; i < k_entries; ++i)
        unik_boot_pd[i] = i * k_large_page_size | k_present | k_write | k_large;
    unik_boot_pdpt[0] = physical(unik_boot_pd) | k_present | k_write;
    unik_boot_pml4[0] = physical(unik_boot_pdpt) | k_present | k_write;
    unik_boot_pml4[k_physical_map_entry] = unik_boot_pml4[0] | k_no_execute;
    unik_boot_pml4[k_image_root_entry] = physical(unik_image_pdpt) | k_present | k_write;
}

// One to one, and in the physical map.
void map_both(Tables& tables, std::uint64_t start, std::uint64_t end) {
    for (std::uint64_t at = align_down(start, k_large_page_size); at < end;
         at += k_large_page_size) {
        tables.entry_for(at, k_directory_level) = at | k_present | k_write | k_large;
        const unsigned index = index_of(at, k_root_level);
        unik_boot_pml4[k_physical_map_entry + index] = unik_boot_pml4[index] | k_no_execute;
    }
}

void map_section(Tables& tables, const ImageSection& section) {
    const std::uint64_t end = align_up(linked(section.end), k_page_size);
    const std::uint64_t to_entry = g_image_distance - k_kernel_image + leaf_bits(section.flags);
    std::uint64_t at = align_down(linked(section.start), k_page_size);
    while (at < end) {
        std::uint64_t* entry = &tables.entry_for(at, k_table_level);
        // The rest of this table, without walking down again.
        do {
            *entry++ = at + to_entry;
            at += k_page_size;
        } while (at < end && at % k_large_page_size != 0);
    }
}

std::uint64_t root_of_five_levels(Tables& tables) {
    std::uint64_t* root = tables.take();
    root[0] = physical(unik_boot_pml4) | k_present | k_write;
    root[k_entries - 1] = root[0];
    return physical(root);
}

} // namespace
} // namespace os::arch

// The physical address of the root.
std::uint64_t unik_place_image(os::arch::SparePages spare, std::uint64_t cr4) {
    using namespace os::arch;
    const ImageLayout& layout = g_image_layout;
    Tables tables(spare);
    const std::uint64_t start = physical(unik_kernel_start);
    g_image_distance = start - (linked(layout.start) - k_kernel_image);
    map_first_gibibyte();
    if (g_image_distance == 0) {
        unik_image_pdpt[k_image_entry] = physical(unik_boot_pd) | k_present | k_write;
    } else {
        map_both(tables, start, start + (linked(layout.end) - linked(layout.start)));
        map_both(tables, spare.start, spare.start + spare.count * os::k_page_size);
        for (const ImageSection& section : layout.sections)
            map_section(tables, section);
        tables.entry_for(linked(layout.stack_guard), k_table_level) = 0;
    }
    return (cr4 & k_five_levels) != 0 ? root_of_five_levels(tables) : physical(unik_boot_pml4);
}
