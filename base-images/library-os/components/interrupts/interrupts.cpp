#include <interrupts/interrupts.hpp>

#include <acpi/acpi.hpp>
#include <arch/cpu.hpp>
#include <arch/traps.hpp>

#include "io_apic.hpp"
#include "local_apic.hpp"

namespace os::interrupts {
namespace {

constexpr unsigned k_first = arch::k_first_interrupt_vector;
constexpr unsigned k_slots = k_spurious_vector - k_first;

struct Slot {
    Handler handler = nullptr;
    void* argument = nullptr;
};
constinit Slot g_slots[k_slots];
constinit std::uint64_t g_unexpected = 0;

void on_interrupt(arch::TrapFrame& frame) {
    const Slot& slot = g_slots[frame.vector - k_first];
    if (slot.handler != nullptr)
        slot.handler(slot.argument);
    else
        ++g_unexpected;
    end_of_interrupt();
}

void mask_old_controllers() {
    constexpr std::uint16_t first_mask_port = 0x21;
    constexpr std::uint16_t second_mask_port = 0xa1;
    arch::out8(first_mask_port, 0xff);
    arch::out8(second_mask_port, 0xff);
}

} // namespace

Result<void> start() {
    mask_old_controllers();
    if (!enable_local_apic())
        return Errno::enodev;
    enable_io_apics();
    for (unsigned slot = 0; slot < k_slots; ++slot)
        arch::set_trap_handler(k_first + slot, &on_interrupt);
    arch::interrupts_on();
    return {};
}

Result<std::uint8_t> allocate_vector(Handler handler, void* argument) {
    // From the top down: the APIC serves higher vectors first, and the clock comes early.
    for (unsigned slot = k_slots; slot-- > arch::k_stray_vector - k_first + 1;) {
        if (g_slots[slot].handler != nullptr)
            continue;
        arch::InterruptGuard guard;
        g_slots[slot] = {handler, argument};
        return static_cast<std::uint8_t>(k_first + slot);
    }
    return Errno::enospc;
}

Result<void> route_isa(std::uint8_t irq, std::uint8_t vector) {
    const acpi::IrqOverride* moved = acpi::facts().override_of(irq);
    if (moved == nullptr)
        return route_gsi(irq, vector, Trigger::edge, Polarity::active_high);
    return route_gsi(moved->gsi, vector, moved->level ? Trigger::level : Trigger::edge,
                     moved->active_low ? Polarity::active_low : Polarity::active_high);
}

Result<void> route_gsi(std::uint32_t gsi, std::uint8_t vector, Trigger trigger, Polarity polarity) {
    return redirect(gsi, vector, trigger, polarity, local_apic_id());
}

Input pci_input(std::uint8_t line) {
    const acpi::IrqOverride* moved = acpi::facts().override_of(line);
    if (moved == nullptr)
        return {.gsi = line};
    return {moved->gsi, moved->level ? Trigger::level : Trigger::edge,
            moved->active_low ? Polarity::active_low : Polarity::active_high};
}

Listener listener_of(std::uint32_t gsi) {
    const std::uint8_t vector = vector_of(gsi);
    if (vector < k_first || vector >= k_spurious_vector)
        return {};
    const Slot& slot = g_slots[vector - k_first];
    return {slot.handler, slot.argument};
}

MsiMessage msi_message(std::uint8_t vector) {
    constexpr std::uint64_t window = 0xfee00000;
    return {.address = window | (static_cast<std::uint64_t>(local_apic_id() & 0xff) << 12),
            .data = vector}; // fixed delivery, edge
}

std::uint64_t unexpected_count() {
    return g_unexpected;
}

} // namespace os::interrupts
