// x86-64 four-level page tables (Intel SDM volume 3, 4.5).
//
// Layout of the address space:
//     0000000000010000 – 00007fffffffffff   the program
//     ffff800000000000 – ffffbfffffffffff   all physical memory, one to one (k_physical_map)
//     ffffc00000000000 – ffffdfffffffffff   kernel areas: stacks with guard pages, device registers
//     ffffffff80000000 – ffffffffbfffffff   the kernel's image, wherever it was loaded
// There is one address space; every page is a supervisor page.
#pragma once

#include <cstdint>

#include <foundation/result.hpp>
#include <foundation/types.hpp>

namespace os::arch {

inline constexpr std::uint64_t k_program_bottom = 0x10000;
inline constexpr std::uint64_t k_program_top = 0x0000800000000000; // exclusive
inline constexpr std::uint64_t k_physical_map = 0xffff800000000000;
inline constexpr std::uint64_t k_kernel_areas = 0xffffc00000000000;
inline constexpr std::uint64_t k_kernel_areas_end = 0xffffe00000000000;
inline constexpr std::uint64_t k_kernel_image = 0xffffffff80000000;

// Physical memory through the map. Valid for RAM from the first C++ line on (1 GiB at first, all
// of it once the component `memory` has started).
inline void* physical_pointer(PhysAddr address) {
    return reinterpret_cast<void*>(k_physical_map + address.value);
}

// The physical address of what lies in the kernel's image. Linked for 1 MiB, it runs where firmware
// has put it, contiguous and at any page.
PhysAddr image_physical(const volatile void* pointer);

struct PageFlags {
    bool present = true; // false: the page keeps its frame, but no access reaches it ("held")
    bool writable = false;
    bool executable = false;
    bool uncached = false; // device registers
    bool lent = false;     // a mark that is kept for whoever maps: the frame is somebody else's
};

// Where page-table pages come from; set once by `memory`. Pages are handed over zeroed.
struct TableAllocator {
    Result<PhysAddr> (*allocate)();
    void (*free)(PhysAddr);
};
void set_table_allocator(TableAllocator allocator);

// One 4 KiB page. Mapping over a present page replaces it. The TLB entry is flushed.
Result<void> map_page(VirtAddr page, PhysAddr frame, PageFlags flags);
// A 2 MiB page where nothing is mapped; both addresses 2 MiB-aligned. One of the program's is cut
// into pages of 4 KiB when a call below asks for one of these; that cannot fail.
Result<void> map_large_page(VirtAddr page, PhysAddr frame, PageFlags flags);
inline constexpr std::uint64_t k_large_page_size = 1ULL << 21;
// Changes the flags of a 4 KiB page that is present or held; nothing happens where none is.
void protect_page(VirtAddr page, PageFlags flags);

struct Translation {
    bool present = false;
    bool held = false; // not present, but there is a frame (PageFlags::present was false)
    PhysAddr frame;
    bool writable = false;
    bool executable = false;
    bool dirty = false;
    bool lent = false;
};
Translation translate(VirtAddr address);
// Removes a 4 KiB page, present or held, and returns what was there.
Translation unmap_page(VirtAddr page);
// The first 4 KiB page in [from, end) that is present or held; end when there is none. Skips what
// has no tables, so that a huge and sparse range costs little.
VirtAddr next_page(VirtAddr from, VirtAddr end);
// Frees the table pages that map nothing any more in this range of the program's half.
void free_empty_tables(VirtAddr start, VirtAddr end);

} // namespace os::arch
