// Files in memory.
#pragma once

#include <foundation/result.hpp>

namespace os::tmpfs {

// With the files of the image's archive.
Result<void> mount_root(const char* mount_point);
Result<void> mount_empty(const char* mount_point);

} // namespace os::tmpfs
