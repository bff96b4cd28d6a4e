// Files in memory.
#pragma once

#include <vfs/inode.hpp>

namespace os::tmpfs {

// The root of a new one, empty, that holds at most what the configuration says of this mount point,
// else half of the memory.
Result<Ref<vfs::Inode>> make_root(const char* mount_point, std::uint32_t permissions);
Result<void> mount(const char* mount_point);
Result<void> start();

} // namespace os::tmpfs
