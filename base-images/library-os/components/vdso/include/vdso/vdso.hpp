// The virtual shared object (vdso(7)): "linux-vdso.so.1", in the program's memory.
#pragma once

#include <foundation/result.hpp>
#include <foundation/types.hpp>

namespace os::vdso {

// Maps the image, the page with the clock's parameters before it; the address is for
// AT_SYSINFO_EHDR.
Result<VirtAddr> map();

// Tells the program's side about the clocks; to be called after the wall clock was set.
void update_clocks();

} // namespace os::vdso
