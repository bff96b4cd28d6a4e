// A function's configuration space in memory, whose BARs answer like a device's.
#pragma once

#include <cstring>

#include <pci/config_space.hpp>

class FakeConfigSpace final : public os::pci::ConfigSpace {
public:
    std::uint32_t read32(unsigned offset) const override {
        std::uint32_t value;
        std::memcpy(&value, bytes + offset, sizeof value);
        return value;
    }
    void write32(unsigned offset, std::uint32_t value) override {
        if (offset >= 0x10 && offset < 0x28) { // the device decodes only some address bits
            const std::uint32_t fixed = read32(offset) & 15;
            value = (value & bar_mask[(offset - 0x10) / 4]) | fixed;
        }
        std::memcpy(bytes + offset, &value, sizeof value);
    }
    void put32(unsigned offset, std::uint32_t value) {
        std::memcpy(bytes + offset, &value, sizeof value);
    }
    void capability(std::uint8_t offset, std::uint8_t id, std::uint8_t next) {
        bytes[6] = 0x10; // status: has capabilities
        bytes[offset] = id;
        bytes[offset + 1] = next;
    }

    std::uint8_t bytes[256] = {};
    std::uint32_t bar_mask[6] = {};
};
