// Physical memory by the page.
#pragma once

#include <foundation/result.hpp>
#include <foundation/types.hpp>

namespace os::memory {

// Takes the boot loader's map, maps all RAM at k_physical_map (the kernel's and the program's
// read-only parts read-only there too), starts the heap.
Result<void> start();

// 2^order contiguous frames, not zeroed. Any context but interrupts.
Result<PhysAddr> allocate_frames(unsigned order);
void free_frames(PhysAddr first, unsigned order);
// The same below 4 GiB, for devices with addresses of 32 bits. Slow; for buffers that stay.
Result<PhysAddr> allocate_low_frames(unsigned order);
// Whether any memory lies above.
bool has_high_frames();
// One zeroed frame.
Result<PhysAddr> allocate_zeroed_frame();

struct FrameCount {
    std::uint64_t total = 0;
    std::uint64_t free = 0;
};
FrameCount frame_count();

PhysAddr physical_address(const void* kernel_pointer); // of the map, the image or a kernel area

// A stack in the kernel areas, a guard page below it; returns its top.
Result<VirtAddr> allocate_kernel_stack();
void free_kernel_stack(VirtAddr top);
inline constexpr std::size_t k_kernel_stack_size = 16384;

// Device registers, uncached, in the kernel areas; stays for ever.
Result<VirtAddr> map_device(PhysAddr address, std::size_t size);

} // namespace os::memory
