// virtio over MMIO (Virtual I/O Device 1.2, section 4.2), version 2 of the register layout.
#pragma once

#include <cstdint>

#include <foundation/result.hpp>
#include <foundation/span.hpp>
#include <foundation/types.hpp>

namespace os::virtio_mmio {

// Offers every device that the kernel command line names, in Linux's syntax, as QEMU's microvm and
// Firecracker do: virtio_mmio.device=SIZE@ADDRESS:IRQ[:ID], SIZE with an optional K or M.
Result<void> start();

struct Window {
    PhysAddr address;
    std::uint64_t size = 0;
    std::uint32_t irq = 0;
};

// The value of one such parameter; einval when it is malformed.
Result<Window> parse_window(StringView text);

// The next window of a command line from `position` on, which moves behind it; false at the end.
// Malformed ones are skipped and counted.
bool next_window(StringView command_line, std::size_t& position, Window& out, unsigned& malformed);

} // namespace os::virtio_mmio
