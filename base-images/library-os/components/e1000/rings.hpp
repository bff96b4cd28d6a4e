// The two rings of descriptors that driver and card share. The card owns those between head and
// tail; it says that it has done with one in the descriptor's status. What is in the ring is also
// kept in memory that the card cannot reach, so nothing but the done bit and the length is taken
// from it.
#pragma once

#include <foundation/vector.hpp>
#include <net-core/ring_card.hpp>

#include "registers.hpp"

namespace os::e1000 {

class ReceiveRing {
public:
    // `descriptors` is zeroed; `entries` a power of two, at least 8.
    Result<void> initialise(void* descriptors, std::uint32_t entries);

    bool offer(net::ReceiveBuffer& buffer); // false: full
    // The entry after the last one offered, for the card's tail register.
    std::uint32_t tail() const { return offered_ & mask_; }
    bool has_received() const;
    struct Frame {
        net::ReceiveBuffer* buffer = nullptr;
        std::size_t size = 0; // 0: nothing to be used
        net::Checksum checksum = net::Checksum::unknown;
    };
    Frame take();

private:
    volatile ReceiveDescriptor* descriptors_ = nullptr;
    Vector<net::ReceiveBuffer*> buffers_;
    std::uint32_t mask_ = 0;
    std::uint32_t offered_ = 0; // both count on and on
    std::uint32_t taken_ = 0;
    bool in_long_frame_ = false; // whose parts are dropped up to its end
};

class TransmitRing {
public:
    Result<void> initialise(void* descriptors, std::uint32_t entries);

    std::size_t entries() const { return mask_ + std::size_t{1}; }
    // One stays free: a full ring would look like an empty one.
    std::size_t room() const { return mask_ - (put_ - done_); }
    // There is room for the segments and a context.
    void put(Span<const net::Segment> segments, const net::Transmission& transmission);
    std::uint32_t tail() const { return put_ & mask_; }
    void* take_done();

private:
    void put_context(std::uint16_t start, std::uint16_t offset);
    volatile TransmitDescriptor& next();

    volatile TransmitDescriptor* descriptors_ = nullptr;
    net::InFlight in_flight_;
    std::uint32_t mask_ = 0;
    std::uint32_t put_ = 0;
    std::uint32_t done_ = 0;
    // What the card's context says: it stays until the next one.
    std::uint16_t context_start_ = 0;
    std::uint16_t context_offset_ = 0;
};

} // namespace os::e1000
