// The console as open files. It is no terminal (ioctl TCGETS: ENOTTY), so that C libraries buffer
// as into a pipe, just as in a container without a tty.
#pragma once

#include <console/console.hpp>
#include <vfs/file.hpp>

namespace os::vfs {

Result<Ref<File>> open_console(console::Stream stream, std::uint32_t flags);

// Descriptors 0, 1 and 2: console input, output and errors. Needs no file system.
Result<void> install_standard_descriptors();

} // namespace os::vfs
