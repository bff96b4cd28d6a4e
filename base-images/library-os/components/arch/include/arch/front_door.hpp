// How a front door enters the kernel. Its assembly starts in the state of the PVH protocol: 32-bit
// protected mode, flat segments, paging off, interrupts off. It jumps to unik_enter_long_mode with
//     edi       the loader's data, a physical address
//     ebx:ebp   the time-stamp counter at the first instruction
//     esi       the low half of the address of its FrontDoor function
// From there on all front doors take one path: long mode, this CPU's tables, the FrontDoor function
// (which fills the BootInfo), unik_kernel_main.
#pragma once

// 32-bit code runs below its linked address.
#define UNIK_KERNEL_IMAGE 0xffffffff80000000

#ifndef __ASSEMBLER__
#include <arch/boot_info.hpp>

namespace os::arch {

using FrontDoor = void (*)(std::uint64_t loader_data, BootInfo& out);

// Physical memory that early code reads before `memory` maps all of it: beyond the first 1 GiB it
// is mapped on demand, 2 MiB at a time. Null when the address is beyond reason or tables run out.
void* map_early(PhysAddr address, std::uint64_t size);
// Device registers, the same way, uncached.
void* map_early_device(PhysAddr address, std::uint64_t size);

} // namespace os::arch

// The component `kernel` provides it.
extern "C" [[noreturn]] void unik_kernel_main();
#endif
