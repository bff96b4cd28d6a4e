// ATA commands as they go to a device (ATA/ATAPI Command Set, ACS-3, clause 7), by whatever way:
// register by register (IDE) or as a frame (AHCI).
#pragma once

#include <cstdint>

#include <foundation/types.hpp>

namespace os::ata {

// 28-bit commands carry 28 bits of LBA (the top four in the device register) and 8 of count; 48-bit
// ones carry 48 and 16, each register written twice, the high byte first.
enum class Width : std::uint8_t { bits_28, bits_48 };
enum class Protocol : std::uint8_t { no_data, pio_in, pio_out, dma_in, dma_out };

struct Command {
    std::uint8_t opcode = 0;
    Protocol protocol = Protocol::no_data;
    Width width = Width::bits_28;
    std::uint64_t lba = 0;
    std::uint16_t count = 0;       // sectors; of a 28-bit command only the low byte goes out
    std::uint32_t block_bytes = 0; // PIO: how much the device moves between two requests for data

    bool to_device() const {
        return protocol == Protocol::pio_out || protocol == Protocol::dma_out;
    }
    std::uint8_t lba_byte(unsigned index) const {
        return static_cast<std::uint8_t>(lba >> (8 * index));
    }
    // The device register: LBA addressing, which of the two devices, and the top of a 28-bit LBA.
    // The bits 7 and 5 mean nothing any more; old devices want them set.
    std::uint8_t device_register(unsigned unit) const {
        const unsigned top = width == Width::bits_28 ? static_cast<unsigned>(lba >> 24) & 0xf : 0;
        return static_cast<std::uint8_t>(0xe0U | unit << 4 | top);
    }
};

// What a device says at a command's end.
struct Answer {
    std::uint8_t status = 0;
    std::uint8_t error = 0;

    static constexpr std::uint8_t k_busy = 0x80;
    static constexpr std::uint8_t k_fault = 0x20;
    static constexpr std::uint8_t k_data_request = 0x08;
    static constexpr std::uint8_t k_error = 0x01;
    // Of the error register.
    static constexpr std::uint8_t k_transfer_checksum = 0x80;
    static constexpr std::uint8_t k_uncorrectable = 0x40;
    static constexpr std::uint8_t k_not_found = 0x10;
    static constexpr std::uint8_t k_aborted = 0x04;

    bool failed() const { return (status & (k_fault | k_error)) != 0; }
};
// For messages.
const char* reason(Answer answer);

inline constexpr std::size_t k_most_transfer = 65536;

} // namespace os::ata
