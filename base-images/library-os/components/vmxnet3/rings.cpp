#include "rings.hpp"

namespace os::vmxnet3 {

namespace {
void barrier() {
    __atomic_thread_fence(__ATOMIC_ACQ_REL);
}
bool is_set(std::uint32_t word, std::uint32_t bit) {
    return (word & bit) != 0;
}
} // namespace

Result<void> ReceiveRing::initialise(void* descriptors, std::uint32_t entries, void* completions,
                                     std::uint32_t completion_entries) {
    descriptors_ = static_cast<volatile ReceiveDescriptor*>(descriptors);
    completions_ = static_cast<volatile ReceiveCompletion*>(completions);
    entries_ = entries;
    offer_ = expected_ = Cursor(entries);
    take_ = Cursor(completion_entries);
    return buffers_.resize(entries);
}

bool ReceiveRing::offer(net::ReceiveBuffer& buffer) {
    if (out_ == entries_ - 1)
        return false;
    const std::uint32_t at = offer_.index();
    buffers_[at] = &buffer;
    volatile ReceiveDescriptor& descriptor = descriptors_[at];
    descriptor.address = buffer.address.value;
    barrier();
    descriptor.what = net::ReceiveBuffer::k_capacity | (offer_.odd_round() ? k_generation : 0U);
    offer_.advance();
    ++out_;
    return true;
}

bool ReceiveRing::has_received() const {
    return !broken_ && is_set(completions_[take_.index()].what, k_generation) == take_.odd_round();
}

ReceiveRing::Frame ReceiveRing::take() {
    if (!has_received())
        return {};
    barrier();
    volatile ReceiveCompletion& done = completions_[take_.index()];
    const std::uint32_t index = done.index;
    const std::uint32_t size = done.size;
    const std::uint32_t what = done.what;
    if (out_ == 0 || (index & completion::k_index) != expected_.index()) {
        broken_ = true;
        return {};
    }
    Frame frame;
    frame.buffer = buffers_[expected_.index()];
    take_.advance();
    expected_.advance();
    --out_;
    constexpr std::uint32_t whole = completion::k_start_of_packet | completion::k_end_of_packet;
    const std::size_t length = size & completion::k_size;
    if ((index & whole) != whole || is_set(size, completion::k_error) ||
        length > net::ReceiveBuffer::k_capacity)
        return frame;
    frame.size = length;
    if (is_set(what, completion::k_checked) && is_set(what, completion::k_frame_right))
        frame.checksum = net::Checksum::verified;
    return frame;
}

Result<void> TransmitRing::initialise(void* descriptors, void* completions, std::uint32_t entries) {
    descriptors_ = static_cast<volatile TransmitDescriptor*>(descriptors);
    completions_ = static_cast<volatile TransmitCompletion*>(completions);
    entries_ = entries;
    put_ = take_ = Cursor(entries);
    return in_flight_.initialise(entries);
}

void TransmitRing::put(Span<const net::Segment> segments, const net::Transmission& transmission) {
    volatile TransmitDescriptor* first = nullptr;
    std::uint32_t first_what = 0;
    const std::uint32_t start = transmission.checksum_start;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const bool is_last = i + 1 == segments.size();
        volatile TransmitDescriptor& descriptor = descriptors_[put_.index()];
        const std::uint32_t ours = put_.odd_round() ? transmit::k_generation : 0;
        std::uint32_t what = segments[i].size & transmit::k_longest;
        std::uint32_t offload = is_last ? transmit::k_end_of_packet | transmit::k_report : 0;
        descriptor.address = segments[i].address.value;
        if (i == 0) { // stays the driver's until all others are written
            if (start != 0) {
                what |= (start + transmission.checksum_offset) << transmit::k_checksum_shift;
                offload |= start | transmit::k_insert_checksum;
            }
            first = &descriptor;
            first_what = what | ours;
            descriptor.what = what | (ours ^ transmit::k_generation);
        } else {
            descriptor.what = what | ours;
        }
        descriptor.offload = offload;
        if (is_last)
            in_flight_.put(put_.index(), transmission.owner);
        put_.advance();
        ++out_;
    }
    barrier();
    if (first != nullptr)
        first->what = first_what;
    barrier();
}

void* TransmitRing::take_done() {
    volatile TransmitCompletion& done = completions_[take_.index()];
    if (broken_ || is_set(done.what, k_generation) != take_.odd_round())
        return nullptr;
    barrier();
    // Frames are done in the order they were put: the next one ends here.
    std::uint32_t last = first_out_;
    std::uint32_t count = 1;
    while (count < out_ && !in_flight_.ends_at(last)) {
        last = last + 1 == entries_ ? 0 : last + 1;
        ++count;
    }
    if (out_ == 0 || (done.index & completion::k_index) != last) {
        broken_ = true;
        return nullptr;
    }
    take_.advance();
    out_ -= count;
    first_out_ = last + 1 == entries_ ? 0 : last + 1;
    return in_flight_.take(last);
}

} // namespace os::vmxnet3
