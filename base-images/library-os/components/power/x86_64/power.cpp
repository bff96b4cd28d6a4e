// ACPI fixed hardware (ACPI 6.5, 4.8) and the PC's older ways to stop.
#include <power/power.hpp>

#include <acpi/acpi.hpp>
#include <arch/cpu.hpp>
#include <arch/front_door.hpp>
#include <configuration/configuration.hpp>
#include <interrupts/interrupts.hpp>

namespace os::power {
namespace {

constexpr std::uint16_t k_power_button = 1U << 8; // PM1 status and enable
constexpr std::uint16_t k_acpi_mode = 1U << 0;    // PM1 control: SCI_EN
constexpr std::uint16_t k_sleep_enable = 1U << 13;

using ButtonHandler = void (*)();
constinit ButtonHandler g_button_handler = nullptr;
constinit volatile std::uint8_t* g_sleep_register = nullptr;
constinit volatile std::uint8_t* g_reset_register = nullptr;

std::uint16_t port(std::uint32_t address) {
    return static_cast<std::uint16_t>(address);
}

void on_system_interrupt(void*) {
    const std::uint16_t status_port = port(acpi::facts().event_block);
    const std::uint16_t status = arch::in16(status_port);
    arch::out16(status_port, status); // written ones are cleared
    if ((status & k_power_button) != 0 && g_button_handler != nullptr)
        g_button_handler();
}

void enter_acpi_mode(const acpi::Facts& facts) {
    if (facts.control_block_a == 0 || facts.smi_command == 0 || facts.acpi_enable == 0)
        return;
    if ((arch::in16(port(facts.control_block_a)) & k_acpi_mode) == 0)
        arch::out8(port(facts.smi_command), facts.acpi_enable);
}

Result<void> listen_to_button(const acpi::Facts& facts) {
    if (facts.event_block == 0 || facts.event_length < 4)
        return {};
    const std::uint8_t vector =
        UNIK_TRY(interrupts::allocate_vector(&on_system_interrupt, nullptr));
    const bool moved = facts.override_of(static_cast<std::uint8_t>(facts.system_irq)) != nullptr;
    UNIK_TRY(moved ? interrupts::route_isa(static_cast<std::uint8_t>(facts.system_irq), vector)
                   : interrupts::route_gsi(facts.system_irq, vector, interrupts::Trigger::level,
                                           interrupts::Polarity::active_low));
    const std::uint16_t enable_port = port(facts.event_block + facts.event_length / 2U);
    arch::out16(port(facts.event_block), 0xffff);
    arch::out16(enable_port, k_power_button);
    return {};
}

volatile std::uint8_t* map_register(const acpi::Register& where) {
    if (where.space != acpi::Register::Space::memory)
        return nullptr;
    return static_cast<volatile std::uint8_t*>(
        arch::map_early_device(PhysAddr{where.address}, sizeof(std::uint8_t)));
}

void write_register(const acpi::Register& where, volatile std::uint8_t* mapped,
                    std::uint8_t value) {
    if (where.space == acpi::Register::Space::port)
        arch::out8(port(static_cast<std::uint32_t>(where.address)), value);
    else if (mapped != nullptr)
        *mapped = value;
}

void debug_exit(int code) {
    constexpr std::uint16_t debug_exit_port = 0xf4;
    if (configuration::setting("exit") == "debug")
        arch::out8(debug_exit_port, static_cast<std::uint8_t>(code));
}

// The machine goes off a moment after it was told to, and a reset in between would win.
void wait_for_the_end() {
    constexpr std::uint16_t diagnostic_port = 0x80; // about a microsecond each
    for (unsigned i = 0; i < 1'000'000; ++i)
        static_cast<void>(arch::in8(diagnostic_port));
}

void acpi_off() {
    const acpi::Facts& facts = acpi::facts();
    const Result<acpi::SoftOff> values = acpi::soft_off();
    if (!values.ok())
        return;
    constexpr unsigned reduced_sleep_enable = 1U << 5;
    write_register(
        facts.sleep_control, g_sleep_register,
        static_cast<std::uint8_t>((unsigned{values->type_a} << 2) | reduced_sleep_enable));
    const auto command = [](std::uint8_t type) {
        return static_cast<std::uint16_t>((type << 10) | k_sleep_enable);
    };
    if (facts.control_block_a != 0)
        arch::out16(port(facts.control_block_a), command(values->type_a));
    if (facts.control_block_b != 0)
        arch::out16(port(facts.control_block_b), command(values->type_b));
    wait_for_the_end();
}

void reset() {
    constexpr std::uint16_t keyboard_controller = 0x64;
    constexpr std::uint8_t pulse_reset = 0xfe;
    write_register(acpi::facts().reset, g_reset_register, acpi::facts().reset_value);
    arch::out8(keyboard_controller, pulse_reset);
}

} // namespace

Result<void> start() {
    const acpi::Facts& facts = acpi::facts();
    g_sleep_register = map_register(facts.sleep_control);
    g_reset_register = map_register(facts.reset);
    if (!facts.has_fixed_hardware)
        return {};
    enter_acpi_mode(facts);
    return listen_to_button(facts);
}

void set_button_handler(void (*handler)()) {
    g_button_handler = handler;
}

void off(int code) {
    arch::interrupts_off();
    debug_exit(code);
    acpi_off();
    reset();
    arch::triple_fault();
}

} // namespace os::power
