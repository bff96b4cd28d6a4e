// The controller's registers (Serial ATA AHCI 1.3.1, clause 3).
#pragma once

#include <cstdint>

#include <devices/registers.hpp>

namespace os::ahci {

// 3.1: of the controller.
inline constexpr unsigned k_capabilities = 0x00;
inline constexpr std::uint32_t k_capability_64_bits = 1U << 31;
inline constexpr unsigned k_control = 0x04;
inline constexpr std::uint32_t k_control_ahci = 1U << 31;
inline constexpr std::uint32_t k_control_interrupts = 1U << 1;
inline constexpr unsigned k_interrupts = 0x08;
inline constexpr unsigned k_ports = 0x0c;
inline constexpr unsigned k_capabilities_2 = 0x24;
inline constexpr std::uint32_t k_capability_handoff = 1U << 0;
inline constexpr unsigned k_handoff = 0x28;
inline constexpr std::uint32_t k_handoff_firmware_owns = 1U << 0;
inline constexpr std::uint32_t k_handoff_system_owns = 1U << 1;
inline constexpr std::uint32_t k_handoff_busy = 1U << 4;

inline constexpr unsigned k_most_ports = 32;
inline constexpr unsigned k_first_port = 0x100;
inline constexpr unsigned k_port_size = 0x80;

// 3.3: of a port, from its own start.
enum PortRegister : unsigned {
    k_list = 0x00,
    k_list_high = 0x04,
    k_frames = 0x08,
    k_frames_high = 0x0c,
    k_port_interrupts = 0x10,
    k_port_interrupt_enable = 0x14,
    k_command = 0x18,
    k_task_file = 0x20,
    k_signature = 0x24,
    k_link_status = 0x28,
    k_link_control = 0x2c,
    k_link_errors = 0x30,
    k_issue = 0x38,
};

// Port interrupts. Of these the command under way has failed (6.2.2).
inline constexpr std::uint32_t k_task_file_error = 1U << 30;
inline constexpr std::uint32_t k_bus_fatal = 1U << 29;
inline constexpr std::uint32_t k_bus_data = 1U << 28;
inline constexpr std::uint32_t k_link_fatal = 1U << 27;
inline constexpr std::uint32_t k_failures =
    k_task_file_error | k_bus_fatal | k_bus_data | k_link_fatal;
// Something was plugged in or out.
inline constexpr std::uint32_t k_connection_changed = 1U << 6;
inline constexpr std::uint32_t k_frame_arrived = 0xf; // by register, PIO setup, DMA setup, bits
inline constexpr std::uint32_t k_wanted_interrupts =
    k_failures | k_connection_changed | k_frame_arrived;

inline constexpr std::uint32_t k_command_start = 1U << 0;
inline constexpr std::uint32_t k_command_spin_up = 1U << 1;
inline constexpr std::uint32_t k_command_power_on = 1U << 2;
inline constexpr std::uint32_t k_command_receive = 1U << 4;
inline constexpr std::uint32_t k_command_receiving = 1U << 14;
inline constexpr std::uint32_t k_command_running = 1U << 15;
inline constexpr std::uint32_t k_command_active = 1U << 28; // ask the link to wake up
inline constexpr std::uint32_t k_command_link_state = 0xfU << 28;

inline constexpr std::uint32_t k_signature_disk = 0x00000101;

inline constexpr std::uint32_t k_link_detection = 0xf;
inline constexpr std::uint32_t k_link_established = 3;
inline constexpr std::uint32_t k_link_start_reset = 1;

} // namespace os::ahci
