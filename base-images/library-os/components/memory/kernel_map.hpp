// The kernel's half of the address space: the physical map and what it forbids.
#pragma once

#include <cstdint>

#include <foundation/result.hpp>

namespace os::memory {

// Maps these frames (rounded out to 2 MiB) writable at k_physical_map.
Result<void> map_physical(std::uint64_t first_frame, std::uint64_t end_frame);
// Text, read-only data and the program's read-only bytes must not be written through the map.
Result<void> protect_image_in_map();

} // namespace os::memory
