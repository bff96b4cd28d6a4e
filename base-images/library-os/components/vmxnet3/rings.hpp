// Each direction has a ring of what the driver offers and one of what the device completes. Indices
// and sizes in completions are the device's word: one that does not fit the buffer that is next in
// turn breaks the ring for good.
#pragma once

#include <foundation/vector.hpp>
#include <net-core/ring_card.hpp>

#include "layout.hpp"

namespace os::vmxnet3 {

// An index into a ring that knows the round it is in.
class Cursor {
public:
    explicit Cursor(std::uint32_t entries = 1) : entries_(entries) {}
    std::uint32_t index() const { return index_; }
    bool odd_round() const { return generation_; }
    void advance() {
        if (++index_ == entries_) {
            index_ = 0;
            generation_ = !generation_;
        }
    }

private:
    std::uint32_t entries_;
    std::uint32_t index_ = 0;
    bool generation_ = true; // memory starts as zeroes, so the first round is the odd one
};

class ReceiveRing {
public:
    // Both zeroed; there are no fewer completions than descriptors.
    Result<void> initialise(void* descriptors, std::uint32_t entries, void* completions,
                            std::uint32_t completion_entries);

    bool offer(net::ReceiveBuffer& buffer);
    std::uint32_t next() const { return offer_.index(); }
    bool has_received() const;
    struct Frame {
        net::ReceiveBuffer* buffer = nullptr;
        std::size_t size = 0;
        net::Checksum checksum = net::Checksum::unknown;
    };
    Frame take();
    bool broken() const { return broken_; }

private:
    volatile ReceiveDescriptor* descriptors_ = nullptr;
    volatile ReceiveCompletion* completions_ = nullptr;
    Vector<net::ReceiveBuffer*> buffers_;
    std::uint32_t entries_ = 0;
    std::uint32_t out_ = 0; // buffers that the device has
    Cursor offer_;
    Cursor take_;     // completions
    Cursor expected_; // the buffer that the next completion must be of
    bool broken_ = false;
};

class TransmitRing {
public:
    Result<void> initialise(void* descriptors, void* completions, std::uint32_t entries);

    std::size_t entries() const { return entries_; }
    std::size_t room() const { return entries_ - out_ - 1; }
    void put(Span<const net::Segment> segments, const net::Transmission& transmission);
    std::uint32_t next() const { return put_.index(); }
    void* take_done();
    bool broken() const { return broken_; }

private:
    volatile TransmitDescriptor* descriptors_ = nullptr;
    volatile TransmitCompletion* completions_ = nullptr;
    net::InFlight in_flight_;
    std::uint32_t entries_ = 0;
    std::uint32_t out_ = 0;
    Cursor put_;
    Cursor take_;
    std::uint32_t first_out_ = 0; // descriptor
    bool broken_ = false;
};

} // namespace os::vmxnet3
