// The first three serial ports of a PC (National Semiconductor 16550A), 115200 baud 8N1.
#pragma once

#include <foundation/result.hpp>
#include <foundation/span.hpp>

namespace os::uart16550 {

// first: 0x3f8 IRQ 4; second: 0x2f8 IRQ 3; third: 0x3e8, output only (it shares IRQ 4).
enum class Port : unsigned { first, second, third };

// Finds and sets up the ports. Safe to call again; panics early in the boot rely on it.
void initialise();
// initialise() and input by interrupt on the first two.
Result<void> start();

bool present(Port port);
// Polled, any context; returns when the port has taken all. Nothing happens where no port is.
void write(Port port, Bytes bytes);
// From now on writes do not wait for one another: a panic may have interrupted one of them.
void write_without_lock();
// Waits, for a bounded time, until all that was written has left.
void flush();
// The handler runs in interrupt context with what came in, at most what `room` allows; first and
// second port only. When there is no room the rest stays in the port, and its sender waits, until
// resume_input().
void set_input_handler(Port port, void (*handler)(Bytes), std::size_t (*room)() = nullptr);
void resume_input(Port port);

} // namespace os::uart16550
