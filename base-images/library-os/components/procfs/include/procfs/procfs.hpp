// /proc: the one process, and the machine.
#pragma once

#include <foundation/result.hpp>

namespace os::procfs {

Result<void> mount(const char* mount_point);

} // namespace os::procfs
