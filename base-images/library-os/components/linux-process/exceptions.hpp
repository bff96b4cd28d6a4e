// Exceptions: page faults are resolved, the rest becomes signals.
#pragma once

namespace os::linux_process {

void install_exception_handlers();

} // namespace os::linux_process
