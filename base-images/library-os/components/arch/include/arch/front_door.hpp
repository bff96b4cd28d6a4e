// How a front door enters the kernel.
//
// From 32-bit protected mode, flat segments, paging off, interrupts off, with the image where it is
// linked: its assembly jumps to unik_enter_long_mode with
//     edi       the loader's data, a physical address
//     ebx:ebp   the time-stamp counter at the first instruction
//     esi       the low half of the address of its FrontDoor function
// From long mode with the image anywhere: unik_enter_image, below.
//
// From there on all front doors take one path: long mode, this CPU's tables, the FrontDoor function
// (which fills the BootInfo), unik_kernel_main.
#pragma once

// 32-bit code runs below its linked address.
#define UNIK_KERNEL_IMAGE 0xffffffff80000000

#ifndef __ASSEMBLER__
#include <arch/boot_info.hpp>
#include <vocabulary/kernel_file_layout.hpp>

namespace os::arch {

using FrontDoor = void (*)(std::uint64_t loader_data, BootInfo& out);

// Physical memory that early code reads before `memory` maps all of it: beyond the first 1 GiB it
// is mapped on demand, 2 MiB at a time. Null when the address is beyond reason or tables run out.
void* map_early(PhysAddr address, std::uint64_t size);
// Device registers, the same way, uncached.
void* map_early_device(PhysAddr address, std::uint64_t size);

// Pages for the page tables of an image that is not where it is linked, or of a CPU that runs with
// five levels of them: contiguous, the kernel's for ever, and no usable memory in the BootInfo.
struct SparePages {
    std::uint64_t start = 0; // physical
    std::uint64_t count = 0;
};
using vocabulary::spare_pages_for; // an image of this size

} // namespace os::arch

extern "C" {
// In long mode on tables that map image and spare pages one to one, interrupts off, on a stack of
// at least 1 KiB. front_door is its address as linked. The loader's mapping is left behind; loader
// data is any value.
[[noreturn]] void unik_enter_image(std::uint64_t loader_data, std::uint64_t front_door,
                                   std::uint64_t entry_tsc, os::arch::SparePages spare);

// The component `kernel` provides it.
[[noreturn]] void unik_kernel_main();
}
#endif
