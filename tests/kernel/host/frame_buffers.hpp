// Buffers for received frames in the host's memory, which a device of 64 bits would reach.
#pragma once

#include <cstdlib>
#include <deque>
#include <new>

#include <net-core/receive_buffers.hpp>

namespace host {

class FrameBuffers {
public:
    ~FrameBuffers() {
        for (void* slot : slots_)
            std::free(slot);
    }
    os::net::ReceiveBuffer& make() {
        constexpr std::size_t size = os::net::ReceiveBuffer::k_slot;
        void* slot = std::aligned_alloc(64, size);
        slots_.push_back(slot);
        auto* buffer = new (slot) os::net::ReceiveBuffer;
        buffer->address = os::PhysAddr{reinterpret_cast<std::uint64_t>(buffer->bytes)};
        return *buffer;
    }

private:
    std::deque<void*> slots_;
};

} // namespace host
