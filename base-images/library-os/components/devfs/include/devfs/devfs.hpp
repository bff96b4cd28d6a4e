// /dev.
#pragma once

#include <foundation/result.hpp>
#include <vfs/static_tree.hpp>

namespace os::devfs {

Result<void> mount(const char* mount_point);

// A device that was found on this machine; its name is not in use.
void add(vfs::AddedNode& node);

} // namespace os::devfs
