// /sys: processors, memory and what the kernel does with huge pages, for runtimes that fit
// themselves to the machine. There are no control groups: an empty folder stands where they would
// be.
#pragma once

#include <foundation/result.hpp>

namespace os::sysfs {

Result<void> mount(const char* mount_point);

} // namespace os::sysfs
