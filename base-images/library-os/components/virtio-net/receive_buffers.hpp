// The memory that received frames lie in: slots of half a page, each with its packet's description
// in front. Slots are made as they are needed and kept for reuse.
#pragma once

#include <cstdint>

#include <foundation/types.hpp>
#include <net-core/network_device.hpp>
#include <vocabulary/endian.hpp>

namespace os::virtio_net {

// 5.1.6: in front of every frame.
struct Header {
    std::uint8_t flags;
    std::uint8_t segmentation;
    vocabulary::Le16 header_size;
    vocabulary::Le16 segment_size;
    vocabulary::Le16 checksum_start;
    vocabulary::Le16 checksum_offset;
    vocabulary::Le16 buffer_count;
};
static_assert(sizeof(Header) == 12);

struct ReceiveBuffer {
    net::Packet packet;
    class ReceiveBuffers* pool = nullptr;
    ReceiveBuffer* next_free = nullptr;
    PhysAddr address; // of `bytes`
    alignas(16) std::uint8_t bytes[1];

    static constexpr std::size_t k_slot = 2048;
    static constexpr std::size_t k_capacity = k_slot - 128;
};

class ReceiveBuffers {
public:
    // Null when memory is exhausted: on_release tells when to try again.
    ReceiveBuffer* take();
    void give_back(ReceiveBuffer& buffer);
    // Called after a buffer came back while take() had failed before.
    void set_on_release(void (*action)(void*), void* argument);

private:
    static void release(net::Packet& packet);
    bool grow();

    ReceiveBuffer* free_ = nullptr;
    bool starved_ = false;
    void (*on_release_)(void*) = nullptr;
    void* argument_ = nullptr;
};

} // namespace os::virtio_net
