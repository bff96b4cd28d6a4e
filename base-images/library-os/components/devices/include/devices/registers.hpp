// A device's registers of 32 bits behind a seam, where tests put a device of their own.
#pragma once

#include <cstdint>

#include <foundation/types.hpp>

namespace os {

class Registers {
public:
    virtual ~Registers() = default;
    virtual std::uint32_t read32(unsigned offset) = 0;
    virtual void write32(unsigned offset, std::uint32_t value) = 0;
};

// In memory that was mapped for them. What the driver wrote to memory is there before the device
// hears of it, and what the device wrote is read after the register that told of it.
class MappedRegisters final : public Registers {
public:
    explicit MappedRegisters(VirtAddr base = {}) : base_(base) {}
    std::uint32_t read32(unsigned offset) override {
        const std::uint32_t value = *(base_ + offset).as<volatile std::uint32_t>();
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        return value;
    }
    void write32(unsigned offset, std::uint32_t value) override {
        __atomic_thread_fence(__ATOMIC_RELEASE);
        *(base_ + offset).as<volatile std::uint32_t>() = value;
    }

private:
    VirtAddr base_;
};

} // namespace os
