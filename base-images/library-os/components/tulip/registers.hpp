// The card's registers (DECchip 21140A Hardware Reference Manual, chapter 3; 21143 Hardware
// Reference Manual, chapter 3) and its descriptors (chapter 4 of both).
#pragma once

#include <cstdint>

namespace os::tulip {

// CSR0 … CSR15, one every eight bytes.
enum class Csr : std::uint16_t {
    bus_mode = 0x00,
    transmit_poll = 0x08,
    receive_poll = 0x10,
    receive_list = 0x18,
    transmit_list = 0x20,
    status = 0x28,
    operation_mode = 0x30,
    interrupt_enable = 0x38,
    serial_port = 0x48, // the EEPROM and the PHY, by the bit
};

class Registers {
public:
    virtual std::uint32_t read(Csr csr) = 0;
    virtual void write(Csr csr, std::uint32_t value) = 0;

protected:
    ~Registers() = default;
};

inline constexpr std::uint32_t k_bus_reset = 1U << 0;
// Bursts of 16 words, aligned to as many, suit every chip.
inline constexpr std::uint32_t k_bus_setting = 16U << 8 | 2U << 14;

namespace status {
inline constexpr std::uint32_t k_transmitted = 1U << 0;
inline constexpr std::uint32_t k_received = 1U << 6;
inline constexpr std::uint32_t k_no_buffer = 1U << 7;
inline constexpr std::uint32_t k_bus_error = 1U << 13;
inline constexpr std::uint32_t k_abnormal = 1U << 15;
inline constexpr std::uint32_t k_normal = 1U << 16;
inline constexpr std::uint32_t k_clearable = 0x0001ffff;
} // namespace status

namespace operation {
inline constexpr std::uint32_t k_receive = 1U << 1;
inline constexpr std::uint32_t k_all_multicast = 1U << 7;
inline constexpr std::uint32_t k_full_duplex = 1U << 9;
inline constexpr std::uint32_t k_transmit = 1U << 13;
inline constexpr std::uint32_t k_phy_port = 1U << 18;
inline constexpr std::uint32_t k_no_heartbeat = 1U << 19;
inline constexpr std::uint32_t k_whole_frames = 1U << 21; // before sending starts
inline constexpr std::uint32_t k_must_be_one = 1U << 25;
} // namespace operation

// Both kinds; every field is the host's to write while it owns the descriptor.
struct Descriptor {
    std::uint32_t status;
    std::uint32_t control; // sizes in bits 0-10 and 11-21
    std::uint32_t buffer;
    std::uint32_t second_buffer;
};
static_assert(sizeof(Descriptor) == 16);
inline constexpr std::uint32_t k_owned_by_card = 1U << 31; // status
inline constexpr std::uint32_t k_longest_buffer = 2044;    // 11 bits, a multiple of four

namespace receive {
inline constexpr std::uint32_t k_error = 1U << 15; // status
inline constexpr std::uint32_t k_first = 1U << 9;
inline constexpr std::uint32_t k_last = 1U << 8;
inline constexpr unsigned k_length_shift = 16;
inline constexpr std::uint32_t k_length_mask = 0x3fff;
inline constexpr std::uint32_t k_crc_bytes = 4;          // count among the length
inline constexpr std::uint32_t k_end_of_ring = 1U << 25; // control
} // namespace receive

namespace transmit { // control
inline constexpr std::uint32_t k_interrupt = 1U << 31;
inline constexpr std::uint32_t k_last = 1U << 30;
inline constexpr std::uint32_t k_first = 1U << 29;
inline constexpr std::uint32_t k_setup = 1U << 27;
inline constexpr std::uint32_t k_end_of_ring = 1U << 25;
} // namespace transmit

} // namespace os::tulip
