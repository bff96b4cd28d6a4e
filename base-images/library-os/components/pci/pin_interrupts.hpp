// The last way for a function to interrupt: its pin.
#pragma once

#include <interrupts/interrupts.hpp>
#include <pci/config_space.hpp>

namespace os::pci {

// Calls the handler when the function's line interrupts, and every few milliseconds while no
// interrupt has proven that the line leads here. `space` stays for ever.
Result<void> connect_pin(const ConfigSpace& space, interrupts::Handler handler, void* argument);

} // namespace os::pci
