// The one address space, as the files of this component share it.
//
// Who may touch it when: kernel code is not preempted, and interrupt context never comes here, so
// what happens between two blocking points is atomic. Only a pager may block; resolve_fault holds
// nothing while it calls one, and looks again when Areas::generation() has moved meanwhile.
// Unmapping takes areas out of the tree first and gives their pages back afterwards, so that a
// pager that is told of it sees the space as it will be. With more CPUs at work this rule becomes
// one lock that threads sleep on, taken by the functions of address_space.hpp.
#pragma once

#include <arch/paging.hpp>

#include "area.hpp"

namespace os::memory {

struct AddressSpace {
    Areas areas;
    std::uint64_t mapping_top = arch::k_program_top - k_page_size; // mappings grow down from here
    std::uint64_t break_start = 0;
    std::uint64_t break_end = 0;
    std::uint64_t resident = 0;        // pages
    std::uint64_t spare_block = 0;     // see free_tables_around; 0: none
    std::uint64_t lent_pages_seen = 0; // how far release_lent_pages has come
    bool write_execute_allowed = false;
};
extern constinit AddressSpace g_space;

// Maps a large page around this one, if the area allows it and there is memory for one. Null until
// large pages are asked for, so that images that never do carry nothing of this.
using FillLarge = bool (*)(const Area& area, std::uint64_t page);
extern constinit FillLarge g_fill_large;

// Picks where mappings start.
void initialise_address_space();

// Whose frame a page shows: the mapping's own, or lent by a pager or the image.
enum class Owner { mapping, lender };
// The rights of a page of this area that shows this frame.
arch::PageFlags page_flags(const Area& area, PhysAddr frame, Owner owner);
inline arch::PageFlags page_flags(const Area& area, const arch::Translation& page) {
    return page_flags(area, page.frame, page.lent ? Owner::lender : Owner::mapping);
}
// Takes the pages of a part of the area out of the page tables and gives their frames back to where
// they came from.
void release_pages(const Area& area, AddressRange range, Copies copies = Copies::dropped);
// Of these pages so many that are lent; returns how many there were.
unsigned release_lent(const Area& area, AddressRange range, unsigned most);
// Gives some pages back to the pagers, who may find memory in that; they come again when touched.
// False: there were none.
bool release_lent_pages();
// The highest free place of this size below the limit.
Result<std::uint64_t> find_place(std::uint64_t size, std::uint64_t limit);
inline constexpr std::uint64_t k_map_end = arch::k_program_top - k_page_size;
// Whole pages inside what the program may map; einval or enomem otherwise.
Result<AddressRange> program_range(VirtAddr address, std::size_t size);

} // namespace os::memory
