// A channel's registers behind a seam, where tests put a channel of their own.
#pragma once

#include <cstdint>

#include <foundation/span.hpp>

namespace os::ide {

enum class Register : unsigned {
    error = 1, // features, when written
    count,
    lba_low,
    lba_middle,
    lba_high,
    device,
    status,  // the command, when written
    control, // alternate status, when read: the same without acknowledging
    master_command,
    master_status,
};

class Ports {
public:
    virtual ~Ports() = default;
    virtual std::uint8_t read(Register which) = 0;
    virtual void write(Register which, std::uint8_t value) = 0;
    virtual void read_data(MutableBytes out) = 0; // of even size
    virtual void write_data(Bytes data) = 0;
    virtual void set_region_table(std::uint32_t address) = 0;
};

// Bits of Register::control.
inline constexpr std::uint8_t k_software_reset = 1 << 2;

// Of the bus master (Programming Interface for Bus Master IDE Controller 1.0, 2).
inline constexpr std::uint8_t k_master_start = 1 << 0;
inline constexpr std::uint8_t k_master_to_memory = 1 << 3;
inline constexpr std::uint8_t k_master_error = 1 << 1;
inline constexpr std::uint8_t k_master_interrupt = 1 << 2;
inline constexpr std::uint8_t k_master_one_channel_at_a_time = 1 << 7;

// A port that nothing listens at.
inline constexpr std::uint8_t k_nobody = 0xff;

} // namespace os::ide
