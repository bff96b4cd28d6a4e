// The end for broken invariants, never for what a device, a packet or the program did.
#pragma once

namespace os {

// Prints the message, registers and a backtrace on the console and the control channel, then
// powers off. On the host (tests) it aborts.
[[noreturn]] void panic(const char* format, ...) __attribute__((format(printf, 1, 2)));

// Who reports a panic; the component `kernel` sets it first of all. It must not return, and is
// called again when its own work panics. Without one the machine halts.
void set_panic_handler(void (*handler)(const char* message));

} // namespace os

#define UNIK_ASSERT(condition)                                                                     \
    do {                                                                                           \
        if (!(condition)) [[unlikely]]                                                             \
            ::os::panic("assertion failed: %s (%s:%d)", #condition, __FILE_NAME__, __LINE__);      \
    } while (false)
