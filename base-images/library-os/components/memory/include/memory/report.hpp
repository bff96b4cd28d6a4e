// Who holds the memory, told when there is none left.
#pragma once

#include <control/control.hpp>
#include <foundation/span.hpp>

namespace os::memory {

// The largest users in pages, in descending order: the program's areas by name, the registered
// parts of the kernel, its heap, and what the rest of it takes. Returns how many there are.
std::size_t largest_users(Span<control::NamedValue> users);

// Adds to the event "out-of-memory" what the component memory-report knows; nothing without it.
using Report = void (*)(control::Event& event);
void set_report(Report wanted);
void report(control::Event& event);

} // namespace os::memory
