// Mounting EROFS images, read-only.
#pragma once

#include <erofs/block_source.hpp>
#include <foundation/own.hpp>
#include <foundation/result.hpp>

namespace os::erofs {

// The source lives for ever. An image that is not one is reported on the console (euclean).
Result<void> mount(const char* mount_point, BlockSource& source);

} // namespace os::erofs
