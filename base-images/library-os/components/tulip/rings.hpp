// The rings of descriptors that driver and card share. The card hands a descriptor back by clearing
// its own bit; nothing but that bit, the error bit and the length is taken from it. Its addresses
// have 32 bits: received frames lie in low buffers, and frames to send are copied into some.
#pragma once

#include <foundation/vector.hpp>
#include <net-core/ring_card.hpp>

#include "registers.hpp"

namespace os::tulip {

class ReceiveRing {
public:
    Result<void> initialise(void* descriptors, std::uint32_t entries);

    bool offer(net::ReceiveBuffer& buffer);
    bool has_received() const;
    struct Frame {
        net::ReceiveBuffer* buffer = nullptr;
        std::size_t size = 0;
    };
    Frame take();

private:
    volatile Descriptor* descriptors_ = nullptr;
    Vector<net::ReceiveBuffer*> buffers_;
    std::uint32_t entries_ = 0;
    std::uint32_t out_ = 0;
    std::uint32_t offer_ = 0;
    std::uint32_t take_ = 0;
};

class TransmitRing {
public:
    static constexpr std::size_t k_buffer = 2048;

    // One buffer for each entry, contiguous, at this place for the card.
    Result<void> initialise(void* descriptors, std::uint32_t entries, void* buffers,
                            std::uint32_t buffers_address);

    std::size_t entries() const { return entries_; }
    std::size_t room() const { return entries_ - out_; }
    // At most k_longest_buffer bytes in all; there is room for one entry.
    void put(Span<const Bytes> fragments, void* owner);
    // 4.2.3: a frame that sets the card's filter.
    void put_setup(Bytes frame) { put_with({&frame, 1}, this, transmit::k_setup); }
    // The owner of the next frame that was sent; null: none yet. Setup frames are passed over.
    void* take_done();

private:
    void put_with(Span<const Bytes> fragments, void* owner, std::uint32_t control);

    volatile Descriptor* descriptors_ = nullptr;
    std::uint8_t* buffers_ = nullptr;
    std::uint32_t buffers_address_ = 0;
    net::InFlight in_flight_;
    std::uint32_t entries_ = 0;
    std::uint32_t out_ = 0;
    std::uint32_t put_ = 0;
    std::uint32_t take_ = 0;
};

// The perfect filter: this address and broadcast, sixteen places in all. Each address fills the
// lower halves of three words.
inline constexpr std::size_t k_setup_bytes = 192;
void write_setup_frame(const net::MacAddress& address, std::uint8_t (&out)[k_setup_bytes]);

} // namespace os::tulip
