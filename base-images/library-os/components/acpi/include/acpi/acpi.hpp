// What the firmware's tables say about interrupt controllers and power (ACPI 6.5, chapter 5).
#pragma once

#include <cstdint>

#include <foundation/result.hpp>
#include <foundation/span.hpp>
#include <foundation/types.hpp>

namespace os::acpi {

struct IoApic {
    std::uint32_t address = 0;
    std::uint32_t first_gsi = 0;
};

struct IrqOverride {
    std::uint8_t irq = 0;
    bool level = false;
    bool active_low = false;
    std::uint32_t gsi = 0;
};

// A register as generic address structures give it.
struct Register {
    enum class Space : std::uint8_t { none, memory, port };
    Space space = Space::none;
    std::uint64_t address = 0;
};

struct Facts {
    static constexpr unsigned k_most_io_apics = 4;
    static constexpr unsigned k_most_overrides = 16;
    IoApic io_apics[k_most_io_apics];
    unsigned io_apic_count = 0;
    IrqOverride overrides[k_most_overrides];
    unsigned override_count = 0;

    bool has_fixed_hardware = false; // a FADT was found
    std::uint16_t system_irq = 0;
    std::uint32_t smi_command = 0;
    std::uint8_t acpi_enable = 0;
    std::uint32_t event_block = 0; // PM1a: status, then enable at half its length
    std::uint8_t event_length = 0;
    std::uint32_t control_block_a = 0;
    std::uint32_t control_block_b = 0;
    Register sleep_control; // hardware-reduced ACPI
    Register reset;
    std::uint8_t reset_value = 0;
    PhysAddr dsdt; // 0: none

    Span<const IoApic> io_apics_found() const { return {io_apics, io_apic_count}; }
    const IrqOverride* override_of(std::uint8_t irq) const;
};

// Reads the tables; nothing is wrong with a machine that has none.
Result<void> start();
const Facts& facts();

// The values that SLP_TYP takes for "soft off", from the DSDT's \_S5 package.
struct SoftOff {
    std::uint8_t type_a = 0;
    std::uint8_t type_b = 0;
};
Result<SoftOff> soft_off();

} // namespace os::acpi
