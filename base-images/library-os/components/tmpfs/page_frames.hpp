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
// How many pages the files of one file system may take where nothing else is said: half of the
// memory, as on Linux.
std::uint64_t default_page_limit();

} // namespace os::tmpfs
