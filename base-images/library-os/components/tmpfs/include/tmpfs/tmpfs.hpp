// Files in memory.
#pragma once

#include <foundation/result.hpp>

namespace os::tmpfs {

// With the files of the image's archive.
Result<void> mount_root(const char* mount_point);
// Holds at most what the configuration says of this mount point, else half of the memory.
Result<void> mount_empty(const char* mount_point);
Result<void> start();

} // namespace os::tmpfs
