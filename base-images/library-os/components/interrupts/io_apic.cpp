#include "io_apic.hpp"

#include <acpi/acpi.hpp>
#include <arch/cpu.hpp>
#include <arch/front_door.hpp>

namespace os::interrupts {
namespace {

constexpr std::uint64_t k_usual_address = 0xfec00000;
constexpr std::uint32_t k_version = 1;
constexpr std::uint32_t k_first_entry = 0x10; // two registers an input
constexpr std::uint32_t k_masked = 1U << 16;
constexpr unsigned k_most = 4;

struct IoApic {
    volatile std::uint32_t* registers = nullptr;
    std::uint32_t first_gsi = 0;
    std::uint32_t input_count = 0;
};
constinit IoApic g_io_apics[k_most];
constinit unsigned g_count = 0;

void select(const IoApic& io_apic, std::uint32_t index) {
    io_apic.registers[0] = index;
}
std::uint32_t read_register(const IoApic& io_apic, std::uint32_t index) {
    select(io_apic, index);
    return io_apic.registers[4];
}
void write_register(const IoApic& io_apic, std::uint32_t index, std::uint32_t value) {
    select(io_apic, index);
    io_apic.registers[4] = value;
}

void add(std::uint64_t address, std::uint32_t first_gsi) {
    if (g_count == k_most)
        return;
    void* registers = arch::map_early_device(PhysAddr{address}, k_page_size);
    if (registers == nullptr)
        return;
    IoApic& io_apic = g_io_apics[g_count++];
    io_apic.registers = static_cast<volatile std::uint32_t*>(registers);
    io_apic.first_gsi = first_gsi;
    io_apic.input_count = ((read_register(io_apic, k_version) >> 16) & 0xff) + 1;
    for (std::uint32_t input = 0; input < io_apic.input_count; ++input)
        write_register(io_apic, k_first_entry + 2 * input, k_masked);
}

// Its two registers are reached through one window: not while an interrupt may do the same.
struct Place {
    const IoApic* io_apic = nullptr;
    std::uint32_t entry = 0;
};
Place find(std::uint32_t gsi) {
    for (unsigned i = 0; i < g_count; ++i) {
        const IoApic& io_apic = g_io_apics[i];
        if (gsi >= io_apic.first_gsi && gsi - io_apic.first_gsi < io_apic.input_count)
            return {&io_apic, k_first_entry + 2 * (gsi - io_apic.first_gsi)};
    }
    return {};
}

} // namespace

void enable_io_apics() {
    for (const acpi::IoApic& io_apic : acpi::facts().io_apics_found())
        add(io_apic.address, io_apic.first_gsi);
    if (g_count == 0)
        add(k_usual_address, 0);
}

Result<void> redirect(std::uint32_t gsi, std::uint8_t vector, Trigger trigger, Polarity polarity,
                      std::uint32_t destination) {
    const Place place = find(gsi);
    if (place.io_apic == nullptr)
        return Errno::enodev;
    const std::uint32_t level = trigger == Trigger::level ? 1U << 15 : 0;
    const std::uint32_t low = polarity == Polarity::active_low ? 1U << 13 : 0;
    const arch::InterruptGuard guard;
    write_register(*place.io_apic, place.entry + 1, destination << 24);
    write_register(*place.io_apic, place.entry, vector | level | low);
    return {};
}

void set_gate(std::uint32_t gsi, Gate gate) {
    const Place place = find(gsi);
    if (place.io_apic == nullptr)
        return;
    const arch::InterruptGuard guard;
    const std::uint32_t entry = read_register(*place.io_apic, place.entry);
    write_register(*place.io_apic, place.entry,
                   gate == Gate::open ? entry & ~k_masked : entry | k_masked);
}

std::uint8_t vector_of(std::uint32_t gsi) {
    const Place place = find(gsi);
    if (place.io_apic == nullptr)
        return 0;
    const arch::InterruptGuard guard;
    return static_cast<std::uint8_t>(read_register(*place.io_apic, place.entry));
}

} // namespace os::interrupts
