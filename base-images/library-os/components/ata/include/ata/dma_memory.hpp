// What a controller reads and writes by itself: the caller's memory, or for a controller with
// addresses of 32 bits and memory above 4 GiB, a buffer of ours that is copied.
#pragma once

#include <ata/command.hpp>
#include <foundation/result.hpp>
#include <foundation/span.hpp>
#include <foundation/types.hpp>

namespace os::ata {

enum class Addresses { bits_32, bits_64 };

class DmaMemory {
public:
    explicit DmaMemory(Addresses addresses) : addresses_(addresses) {}

    // Takes the buffer, where it may be needed: later there may be no such memory left.
    Result<void> reserve();
    // Where the controller finds the data of this command. Contiguous.
    Result<PhysAddr> prepare(const Command& command, Bytes data);
    // After the device's answer: brings what it wrote to where it is wanted.
    void finish(const Command& command, MutableBytes data);

private:
    const Addresses addresses_;
    bool copied_ = false;
    std::uint8_t* buffer_ = nullptr;
};

} // namespace os::ata
