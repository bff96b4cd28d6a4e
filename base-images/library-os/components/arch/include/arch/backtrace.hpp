// Who called whom, by frame pointers. Every step is checked against the page tables: a broken stack
// ends the list, it never faults.
#pragma once

#include <foundation/span.hpp>

#include <arch/trap_frame.hpp>

namespace os::arch {

// Return addresses from the innermost on, `first` before them; the number written.
std::size_t backtrace(std::uint64_t first, std::uint64_t frame_pointer, Span<std::uint64_t> out);

// Bytes that may be read at this address: it is mapped, and so is what follows. Never faults.
bool readable(std::uint64_t address, std::size_t size);

} // namespace os::arch
