// Futexes for the rest of this component.
#pragma once

#include <cstdint>

namespace os::linux_threads {

// Wakes up to `most` of those who wait on the address; the number woken.
unsigned wake_futex(std::uint64_t address, unsigned most);

} // namespace os::linux_threads
