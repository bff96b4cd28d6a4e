// Registers and descriptors (PCI/PCI-X Family of Gigabit Ethernet Controllers Software Developer's
// Manual, chapters 3 and 13; 82574 Gigabit Ethernet Controller Family Datasheet, chapters 7 and
// 10).
#pragma once

#include <cstdint>

namespace os::e1000 {

enum class Register : std::uint32_t {
    control = 0x0000,
    status = 0x0008,
    interrupt_cause = 0x00c0,
    interrupt_mask_set = 0x00d0,
    interrupt_mask_clear = 0x00d8,
    vector_allocation = 0x00e4, // 82574
    receive_control = 0x0100,
    transmit_control = 0x0400,
    transmit_gap = 0x0410,
    receive_base_low = 0x2800,
    receive_base_high = 0x2804,
    receive_length = 0x2808,
    receive_head = 0x2810,
    receive_tail = 0x2818,
    transmit_base_low = 0x3800,
    transmit_base_high = 0x3804,
    transmit_length = 0x3808,
    transmit_head = 0x3810,
    transmit_tail = 0x3818,
    transmit_descriptor_control = 0x3828,
    receive_checksum = 0x5000,
    multicast_table = 0x5200, // 128 words
    address_low = 0x5400,
    address_high = 0x5404,
};
inline constexpr std::uint64_t k_register_bytes = 0x6000;
inline constexpr unsigned k_multicast_words = 128;

namespace control {
inline constexpr std::uint32_t k_link_reset = 1U << 3;
inline constexpr std::uint32_t k_detect_speed = 1U << 5;
inline constexpr std::uint32_t k_set_link_up = 1U << 6;
inline constexpr std::uint32_t k_invert_loss_of_signal = 1U << 7;
inline constexpr std::uint32_t k_force_speed = 1U << 11;
inline constexpr std::uint32_t k_force_duplex = 1U << 12;
inline constexpr std::uint32_t k_reset = 1U << 26;
inline constexpr std::uint32_t k_phy_reset = 1U << 31;
} // namespace control

inline constexpr std::uint32_t k_status_link_up = 1U << 1;
inline constexpr std::uint32_t k_address_valid = 1U << 31;

namespace cause {
inline constexpr std::uint32_t k_transmitted = 1U << 0;
inline constexpr std::uint32_t k_link_changed = 1U << 2;
inline constexpr std::uint32_t k_receive_low = 1U << 4;
inline constexpr std::uint32_t k_receive_overrun = 1U << 6;
inline constexpr std::uint32_t k_received = 1U << 7;
// 82574 with MSI-X: the same by queue.
inline constexpr std::uint32_t k_receive_queue = 1U << 20;
inline constexpr std::uint32_t k_transmit_queue = 1U << 22;
inline constexpr std::uint32_t k_other = 1U << 24;
} // namespace cause

// 82574: all five causes raise entry 0 of the MSI-X table, each field with its valid bit.
inline constexpr std::uint32_t k_all_to_entry_0 = 0x00088888;

namespace receive_control {
inline constexpr std::uint32_t k_enable = 1U << 1;
inline constexpr std::uint32_t k_all_multicast = 1U << 4;
inline constexpr std::uint32_t k_broadcast = 1U << 15;
inline constexpr std::uint32_t k_strip_crc = 1U << 26;
} // namespace receive_control
inline constexpr std::uint32_t k_check_transport = 1U << 9;

namespace transmit_control {
inline constexpr std::uint32_t k_enable = 1U << 1;
inline constexpr std::uint32_t k_pad_short = 1U << 3;
inline constexpr std::uint32_t k_collision_threshold = 15U << 4;
inline constexpr std::uint32_t k_collision_distance = 0x40U << 12;
} // namespace transmit_control
inline constexpr std::uint32_t k_gap = 10U | 8U << 10 | 6U << 20; // for copper
inline constexpr std::uint32_t k_82574_reserved_one = 1U << 22;   // of transmit_descriptor_control

// 3.2.3
struct ReceiveDescriptor {
    std::uint64_t address;
    std::uint16_t length;
    std::uint16_t checksum;
    std::uint8_t status;
    std::uint8_t errors;
    std::uint16_t special;
};
static_assert(sizeof(ReceiveDescriptor) == 16);
namespace receive_status {
inline constexpr std::uint8_t k_done = 1 << 0;
inline constexpr std::uint8_t k_end_of_packet = 1 << 1;
inline constexpr std::uint8_t k_ignore_checksum = 1 << 2;
inline constexpr std::uint8_t k_tcp_checked = 1 << 5;
} // namespace receive_status
namespace receive_error {
inline constexpr std::uint8_t k_transport_checksum = 1 << 5;
inline constexpr std::uint8_t k_ip_checksum = 1 << 6;
} // namespace receive_error

// 3.3.6 and 3.3.7: the context descriptor says where checksums are computed, the data descriptors
// after it whether.
struct TransmitDescriptor {
    std::uint64_t address; // of a context: checksum places
    std::uint32_t command; // length, type, command
    std::uint32_t status;  // status, options
};
static_assert(sizeof(TransmitDescriptor) == 16);
namespace transmit {
inline constexpr std::uint32_t k_data = 1U << 20;
inline constexpr std::uint32_t k_end_of_packet = 1U << 24;
inline constexpr std::uint32_t k_insert_crc = 1U << 25;
inline constexpr std::uint32_t k_context_tcp = 1U << 24;
inline constexpr std::uint32_t k_report = 1U << 27;
inline constexpr std::uint32_t k_extension = 1U << 29;
inline constexpr std::uint32_t k_done = 1U << 0;                 // status
inline constexpr std::uint32_t k_insert_transport_sum = 2U << 8; // status, of a frame's first
} // namespace transmit

} // namespace os::e1000
