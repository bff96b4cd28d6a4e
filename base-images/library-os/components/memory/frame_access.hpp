// Frames as the address space uses them: the seam between its logic and the machine, replaced by
// the host in tests.
#pragma once

#include <cstdint>

#include <foundation/result.hpp>
#include <foundation/types.hpp>

namespace os::memory {

// A frame's bytes.
void* frame_bytes(PhysAddr frame);
// A frame for the program: fails while a few are left, which are the kernel's. Not zeroed.
Result<PhysAddr> allocate_program_frame();
void free_program_frame(PhysAddr frame);
// 2 MiB, aligned to that, each frame of which is freed by itself. Fails while not an eighth of all
// memory stays free beside it.
Result<PhysAddr> allocate_program_block();
// One of those few.
Result<PhysAddr> allocate_kernel_frame();
// How many the kernel's heap has.
std::uint64_t heap_pages();
// Whether the frame is part of the image and must stay as it is.
bool is_read_only_image(PhysAddr frame);

} // namespace os::memory
