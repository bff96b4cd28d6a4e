// /dev.
#pragma once

#include <foundation/result.hpp>

namespace os::devfs {

Result<void> mount(const char* mount_point);

} // namespace os::devfs
