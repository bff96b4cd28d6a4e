// The memory that received frames lie in: slots of half a page, each with its packet's description
// in front. Slots are made as they are needed and kept for reuse.
#pragma once

#include <cstdint>

#include <foundation/types.hpp>
#include <net-core/network_device.hpp>

namespace os::net {

struct ReceiveBuffer {
    Packet packet;
    class ReceiveBuffers* pool = nullptr;
    ReceiveBuffer* next_free = nullptr;
    PhysAddr address; // of `bytes`
    alignas(16) std::uint8_t bytes[1];

    static constexpr std::size_t k_slot = 2048;
    static constexpr std::size_t k_capacity = k_slot - 128;
};

// How far the device's addresses reach.
enum class Reach { everywhere, below_4_gib };

class ReceiveBuffers {
public:
    explicit ReceiveBuffers(Reach reach = Reach::everywhere) : reach_(reach) {}

    // Null when memory is exhausted: on_release tells when to try again.
    ReceiveBuffer* take();
    void give_back(ReceiveBuffer& buffer);
    // Called after a buffer came back while take() had failed before.
    void set_on_release(void (*action)(void*), void* argument);

private:
    static void release(Packet& packet);
    bool grow();

    ReceiveBuffer* free_ = nullptr;
    Reach reach_;
    bool starved_ = false;
    void (*on_release_)(void*) = nullptr;
    void* argument_ = nullptr;
};

} // namespace os::net
