// Futexes for the rest of this component.
#pragma once

#include <cstdint>

#include "futex_table.hpp"

namespace os::linux_threads {

extern constinit FutexTable g_futexes;

enum class FutexScope { address, object };
// An address in no shared mapping is its own key either way.
FutexKey futex_key(std::uint64_t address, FutexScope scope);

// Wakes up to `most` of those who wait on the address, or on what it shows; the number woken.
unsigned wake_futex(std::uint64_t address, unsigned most);

} // namespace os::linux_threads
