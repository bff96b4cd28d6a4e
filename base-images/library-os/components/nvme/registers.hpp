// The controller's registers (NVM Express Base Specification 1.4, 3.1).
#pragma once

#include <cstdint>

#include <devices/registers.hpp>

namespace os::nvme {

inline constexpr unsigned k_capabilities_low = 0x00;
inline constexpr unsigned k_capabilities_high = 0x04;
inline constexpr unsigned k_version = 0x08;
inline constexpr unsigned k_configuration = 0x14;
inline constexpr unsigned k_status = 0x1c;
inline constexpr unsigned k_admin_queue_sizes = 0x24;
inline constexpr unsigned k_admin_commands = 0x28;    // 64 bits
inline constexpr unsigned k_admin_completions = 0x30; // 64 bits
inline constexpr unsigned k_first_doorbell = 0x1000;

inline constexpr std::uint32_t k_enable = 1U << 0;
// Commands of 2^6 bytes, completions of 2^4, pages of 4 KiB, round robin, the NVM command set.
inline constexpr std::uint32_t k_configuration_wanted = 6U << 16 | 4U << 20;
inline constexpr std::uint32_t k_status_ready = 1U << 0;
inline constexpr std::uint32_t k_status_fatal = 1U << 1;
inline constexpr std::uint32_t k_all = 0xffffffff; // what a controller that is gone reads as

inline constexpr std::uint32_t k_version_1_1 = 0x00010100;

// What the capabilities say.
struct Capabilities {
    std::uint32_t most_entries = 0;       // of a queue
    std::uint32_t ready_milliseconds = 0; // how long it may take to switch on or off
    unsigned doorbell_stride = 4;

    unsigned commands_doorbell(unsigned queue) const {
        return k_first_doorbell + 2 * queue * doorbell_stride;
    }
    unsigned completions_doorbell(unsigned queue) const {
        return k_first_doorbell + (2 * queue + 1) * doorbell_stride;
    }
};

} // namespace os::nvme
