#include "rings.hpp"

namespace os::e1000 {

namespace {
// The card's writes to memory become visible in order; the compiler must keep ours and its reads.
void barrier() {
    __atomic_thread_fence(__ATOMIC_ACQ_REL);
}
} // namespace

Result<void> ReceiveRing::initialise(void* descriptors, std::uint32_t entries) {
    descriptors_ = static_cast<volatile ReceiveDescriptor*>(descriptors);
    mask_ = entries - 1;
    return buffers_.resize(entries);
}

bool ReceiveRing::offer(net::ReceiveBuffer& buffer) {
    if (offered_ - taken_ == mask_)
        return false;
    const std::uint32_t at = offered_ & mask_;
    buffers_[at] = &buffer;
    volatile ReceiveDescriptor& descriptor = descriptors_[at];
    descriptor.status = 0;
    descriptor.address = buffer.address.value;
    ++offered_;
    barrier();
    return true;
}

bool ReceiveRing::has_received() const {
    return taken_ != offered_ &&
           (descriptors_[taken_ & mask_].status & receive_status::k_done) != 0;
}

ReceiveRing::Frame ReceiveRing::take() {
    if (!has_received())
        return {};
    barrier();
    const std::uint32_t at = taken_++ & mask_;
    volatile ReceiveDescriptor& descriptor = descriptors_[at];
    const std::uint8_t status = descriptor.status;
    const std::uint8_t errors = descriptor.errors;
    const std::size_t length = descriptor.length;
    Frame frame;
    frame.buffer = buffers_[at];
    // Frames longer than a buffer are not enabled.
    const bool ends = (status & receive_status::k_end_of_packet) != 0;
    const bool whole = ends && !in_long_frame_;
    in_long_frame_ = !ends;
    constexpr std::uint8_t checksum_errors =
        receive_error::k_transport_checksum | receive_error::k_ip_checksum;
    if (!whole || (errors & ~checksum_errors) != 0 || length > net::ReceiveBuffer::k_capacity)
        return frame;
    frame.size = length;
    if ((status & receive_status::k_tcp_checked) != 0 &&
        (status & receive_status::k_ignore_checksum) == 0 && errors == 0)
        frame.checksum = net::Checksum::verified;
    return frame;
}

Result<void> TransmitRing::initialise(void* descriptors, std::uint32_t entries) {
    descriptors_ = static_cast<volatile TransmitDescriptor*>(descriptors);
    mask_ = entries - 1;
    return in_flight_.initialise(entries);
}

volatile TransmitDescriptor& TransmitRing::next() {
    return descriptors_[put_++ & mask_];
}

void TransmitRing::put_context(std::uint16_t start, std::uint16_t offset) {
    if (start == context_start_ && offset == context_offset_)
        return;
    context_start_ = start;
    context_offset_ = offset;
    volatile TransmitDescriptor& context = next();
    const std::uint64_t places = start | static_cast<std::uint64_t>(start + offset) << 8;
    context.address = places << 32; // up to the frame's end
    context.status = 0;
    context.command = transmit::k_extension | transmit::k_context_tcp;
}

void TransmitRing::put(Span<const net::Segment> segments, const net::Transmission& transmission) {
    const std::uint16_t start = transmission.checksum_start;
    if (start != 0)
        put_context(start, transmission.checksum_offset);
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const bool last = i + 1 == segments.size();
        if (last)
            in_flight_.put(put_ & mask_, transmission.owner);
        volatile TransmitDescriptor& descriptor = next();
        descriptor.address = segments[i].address.value;
        descriptor.status = start != 0 ? transmit::k_insert_transport_sum : 0;
        descriptor.command = segments[i].size | transmit::k_data | transmit::k_extension |
                             transmit::k_insert_crc |
                             (last ? transmit::k_end_of_packet | transmit::k_report : 0);
    }
    barrier();
}

void* TransmitRing::take_done() {
    // Only a frame's last descriptor is reported, and those before it are done then, too.
    std::uint32_t last = done_;
    while (last != put_ && !in_flight_.ends_at(last & mask_))
        ++last;
    if (last == put_ || (descriptors_[last & mask_].status & transmit::k_done) == 0)
        return nullptr;
    barrier();
    done_ = last + 1;
    return in_flight_.take(last & mask_);
}

} // namespace os::e1000
