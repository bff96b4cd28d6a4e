// /proc and /sys.
#pragma once

#include <foundation/result.hpp>

namespace os::procfs {

Result<void> mount(const char* mount_point);
Result<void> mount_system(const char* mount_point); // /sys

} // namespace os::procfs
