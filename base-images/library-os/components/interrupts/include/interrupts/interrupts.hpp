// Interrupts from devices: a vector with a handler, and the ways a device reaches it. All of them
// go to the boot CPU. Vectors and handlers are given out once and never taken back.
#pragma once

#include <cstdint>

#include <foundation/result.hpp>
#include <foundation/types.hpp>

namespace os::interrupts {

// Masks the old PICs, switches the local APIC and the IO-APICs on, all inputs masked.
Result<void> start();

// Runs in interrupt context: interrupts off, on the stack of whatever it interrupted. The
// interrupt is acknowledged after it returns.
using Handler = void (*)(void* argument);

// A vector that calls the handler; enospc when all are taken.
Result<std::uint8_t> allocate_vector(Handler handler, void* argument);

enum class Trigger { edge, level };
enum class Polarity { active_high, active_low };

// An old ISA line (the firmware may have moved it to another input or changed its polarity).
Result<void> route_isa(std::uint8_t irq, std::uint8_t vector);
// An IO-APIC input by its global number.
Result<void> route_gsi(std::uint32_t gsi, std::uint8_t vector, Trigger trigger, Polarity polarity);

// The input that a PCI function's pin arrives at, from the line number its firmware gave it: level
// and active low (PCI Local Bus Specification 3.0, 2.2.6) where the firmware's tables say nothing.
struct Input {
    std::uint32_t gsi = 0;
    Trigger trigger = Trigger::level;
    Polarity polarity = Polarity::active_low;
};
Input pci_input(std::uint8_t line);
// Closes an input for a while; any context.
enum class Gate { closed, open };
void set_gate(std::uint32_t gsi, Gate gate);
// Who is called for an input that was routed before, so that the next one to route it can go on
// calling him; null: nobody.
struct Listener {
    Handler handler = nullptr;
    void* argument = nullptr;
};
Listener listener_of(std::uint32_t gsi);

// What a device writes where to raise the vector: for MSI and MSI-X.
struct MsiMessage {
    std::uint64_t address = 0;
    std::uint32_t data = 0;
};
MsiMessage msi_message(std::uint8_t vector);

// The local APIC's timer, for the component `clock`. It counts down once from `count` at its input
// clock's full rate and raises the vector at zero; a count of 0 stops it.
void start_timer(std::uint32_t count);
std::uint32_t timer_count();
void set_timer_vector(std::uint8_t vector);

// Interrupts that nobody handled, for diagnosis.
std::uint64_t unexpected_count();

} // namespace os::interrupts
