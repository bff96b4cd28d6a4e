// The memory of a port (AHCI 1.3.1, clause 4): a page with its command list, the frames received
// from the device, and one command table, since one command is out at a time.
#pragma once

#include <cstdint>

#include <ata/command.hpp>
#include <foundation/types.hpp>
#include <vocabulary/endian.hpp>

namespace os::ahci {

inline constexpr std::size_t k_list_offset = 0;      // 32 headers, aligned to 1 KiB
inline constexpr std::size_t k_frames_offset = 1024; // 256 bytes, aligned to as much
inline constexpr std::size_t k_table_offset = 1280;  // aligned to 128
inline constexpr std::size_t k_memory_size = k_table_offset + 0x90;

// 4.2.2
struct CommandHeader {
    vocabulary::Le16 flags;
    vocabulary::Le16 region_count;
    vocabulary::Le32 moved; // bytes, written by the controller
    vocabulary::Le64 table;
    std::uint8_t reserved[16];
};
static_assert(sizeof(CommandHeader) == 32);

// 4.2.3
struct CommandTable {
    std::uint8_t frame[64];
    std::uint8_t packet[16];
    std::uint8_t reserved[48];
    struct {
        vocabulary::Le64 address;
        std::uint8_t reserved[4];
        vocabulary::Le32 last_byte; // an odd number: sizes are even
    } region;
};
static_assert(sizeof(CommandTable) == 0x90);

// Writes the command into slot 0. `memory` is a zeroed page once, that lies at `memory_address`;
// data is one contiguous region at an even address, of even size up to 4 MiB.
void write_command(std::uint8_t* memory, PhysAddr memory_address, const ata::Command& command,
                   PhysAddr data, std::size_t size);
// How many bytes the controller says it has moved.
std::uint32_t moved_bytes(const std::uint8_t* memory);

} // namespace os::ahci
