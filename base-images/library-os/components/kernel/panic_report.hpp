// What a panic leaves behind: registers and a backtrace, on the console and the control channel.
#pragma once

namespace os::kernel {

// Set as foundation's panic handler.
[[noreturn]] void report_panic(const char* message);

} // namespace os::kernel
