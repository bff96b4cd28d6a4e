// Where the pages of files come from. Apart, so that tests on the host bring their own.
#pragma once

#include <cstdint>

#include <foundation/result.hpp>
#include <foundation/types.hpp>

namespace os::tmpfs {

// Not zeroed.
Result<PhysAddr> allocate_page();
void free_page(PhysAddr page);
std::uint8_t* page_bytes(PhysAddr page);
// How many pages all files together may take: half of the memory, as on Linux.
std::uint64_t page_limit();

} // namespace os::tmpfs
