// The answer to IDENTIFY DEVICE of a disk, for tests.
#pragma once

#include <array>
#include <cstdint>

namespace host {

struct AtaIdentity {
    std::array<std::uint8_t, 512> bytes{};

    std::uint16_t word(unsigned index) const {
        return static_cast<std::uint16_t>(bytes[2 * index] | bytes[2 * index + 1] << 8);
    }
    AtaIdentity& set(unsigned index, unsigned value) {
        bytes[2 * index] = static_cast<std::uint8_t>(value);
        bytes[2 * index + 1] = static_cast<std::uint8_t>(value >> 8);
        return *this;
    }
    AtaIdentity& number(unsigned index, std::uint64_t value, unsigned words) {
        for (unsigned i = 0; i < words; ++i)
            set(index + i, static_cast<unsigned>(value >> (16 * i) & 0xffff));
        return *this;
    }
    // Word 255, so that all bytes add up to zero.
    AtaIdentity& seal() {
        set(255, 0xa5);
        unsigned sum = 0;
        for (const std::uint8_t byte : bytes)
            sum += byte;
        bytes[511] = static_cast<std::uint8_t>(0U - sum);
        return *this;
    }
};

// One with LBA, DMA, 48 bits and both flushes.
inline AtaIdentity modern_disk(std::uint64_t sectors, char serial = 'A') {
    AtaIdentity identity;
    identity.set(0, 0x0040)
        .set(10, static_cast<unsigned>(serial) << 8 | ' ')
        .set(49, 0x0300)
        .number(60, sectors < 0x0fffffff ? sectors : 0x0fffffff, 2)
        .set(82, 0x0020)
        .set(83, 0x7400)
        .number(100, sectors, 4);
    return identity;
}

} // namespace host
