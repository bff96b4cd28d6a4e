// Who called whom in the program, as well as its stack tells.
#pragma once

#include <arch/trap_frame.hpp>
#include <foundation/span.hpp>

namespace os::linux_signals {

// Code addresses from the innermost on; the number written. By frame pointers when they lead
// through code, else whatever on the stack looks like a return address. Never faults.
std::size_t program_backtrace(const arch::TrapFrame& frame, Span<std::uint64_t> out);

// Whether the bytes before an address are a call instruction; `bytes` are the eight before it.
bool follows_call(const std::uint8_t (&bytes)[8]);

} // namespace os::linux_signals
