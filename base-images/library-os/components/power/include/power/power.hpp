// The end of the machine, and the wish of its owner that it come.
#pragma once

#include <foundation/result.hpp>

namespace os::power {

// Switches ACPI mode on and listens to the power button.
Result<void> start();

// Tries what the machine may have, from the kindest to the surest: isa-debug-exit (only when the
// configuration says exit=debug; it takes the code), ACPI soft off, a reset, a triple fault.
[[noreturn]] void off(int code);

// Runs in interrupt context.
void set_button_handler(void (*handler)());

} // namespace os::power
