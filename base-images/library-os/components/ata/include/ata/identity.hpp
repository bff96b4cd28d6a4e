// What IDENTIFY DEVICE tells of a disk (ACS-3, 7.12.7): 256 words, checked here once.
#pragma once

#include <cstdint>

#include <ata/command.hpp>
#include <block/block_device.hpp>
#include <foundation/result.hpp>
#include <foundation/span.hpp>

namespace os::ata {

inline constexpr std::size_t k_identity_size = 512;

struct Identity {
    std::uint64_t sectors = 0;
    std::uint32_t sector_size = 512;
    std::uint32_t physical_sector_size = 512;
    Width width = Width::bits_28;
    bool dma = false;
    std::uint8_t flush_opcode = 0; // 0: it has no cache that may lose anything
    char serial[20] = {};

    bool same_disk(const Identity& other) const;
};

// eio: broken in transit; enodev: no disk; eopnotsupp: a disk that is not addressed by LBA; einval:
// sizes that make no sense.
Result<Identity> parse_identity(Bytes words);

enum class Mover { processor, bus_master }; // PIO or DMA

Command identify_command();
Command flush_command(const Identity& identity);
// Precondition: count is at least one and at most what k_most_transfer holds.
Command transfer_command(const Identity& identity, Mover mover, block::Direction direction,
                         std::uint64_t sector, std::uint16_t count);

} // namespace os::ata
