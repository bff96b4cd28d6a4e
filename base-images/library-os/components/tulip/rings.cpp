#include "rings.hpp"

namespace os::tulip {

namespace {
void barrier() {
    __atomic_thread_fence(__ATOMIC_ACQ_REL);
}
} // namespace

Result<void> ReceiveRing::initialise(void* descriptors, std::uint32_t entries) {
    descriptors_ = static_cast<volatile Descriptor*>(descriptors);
    entries_ = entries;
    return buffers_.resize(entries);
}

bool ReceiveRing::offer(net::ReceiveBuffer& buffer) {
    if (out_ == entries_)
        return false;
    volatile Descriptor& descriptor = descriptors_[offer_];
    buffers_[offer_] = &buffer;
    const bool is_last = offer_ + 1 == entries_;
    constexpr std::uint32_t size = net::ReceiveBuffer::k_capacity;
    static_assert(size <= k_longest_buffer && size % 4 == 0);
    descriptor.control = size | (is_last ? receive::k_end_of_ring : 0);
    descriptor.buffer = static_cast<std::uint32_t>(buffer.address.value);
    barrier();
    descriptor.status = k_owned_by_card;
    offer_ = is_last ? 0 : offer_ + 1;
    ++out_;
    return true;
}

bool ReceiveRing::has_received() const {
    return out_ > 0 && (descriptors_[take_].status & k_owned_by_card) == 0;
}

ReceiveRing::Frame ReceiveRing::take() {
    if (!has_received())
        return {};
    barrier();
    const std::uint32_t status = descriptors_[take_].status;
    Frame frame;
    frame.buffer = buffers_[take_];
    take_ = take_ + 1 == entries_ ? 0 : take_ + 1;
    --out_;
    constexpr std::uint32_t whole = receive::k_first | receive::k_last;
    const std::size_t length = status >> receive::k_length_shift & receive::k_length_mask;
    if ((status & whole) != whole || (status & receive::k_error) != 0 ||
        length <= receive::k_crc_bytes ||
        length - receive::k_crc_bytes > net::ReceiveBuffer::k_capacity)
        return frame;
    frame.size = length - receive::k_crc_bytes;
    return frame;
}

Result<void> TransmitRing::initialise(void* descriptors, std::uint32_t entries, void* buffers,
                                      std::uint32_t buffers_address) {
    descriptors_ = static_cast<volatile Descriptor*>(descriptors);
    entries_ = entries;
    buffers_ = static_cast<std::uint8_t*>(buffers);
    buffers_address_ = buffers_address;
    return in_flight_.initialise(entries);
}

void TransmitRing::put(Span<const Bytes> fragments, void* owner) {
    put_with(fragments, owner, transmit::k_first | transmit::k_last);
}

void TransmitRing::put_with(Span<const Bytes> fragments, void* owner, std::uint32_t control) {
    const std::size_t offset = put_ * k_buffer;
    std::uint32_t size = 0;
    for (const Bytes& fragment : fragments) {
        UNIK_ASSERT(fragment.size() <= k_longest_buffer - size);
        __builtin_memcpy(buffers_ + offset + size, fragment.data(), fragment.size());
        size += static_cast<std::uint32_t>(fragment.size());
    }
    volatile Descriptor& descriptor = descriptors_[put_];
    const bool is_last = put_ + 1 == entries_;
    descriptor.control =
        size | control | transmit::k_interrupt | (is_last ? transmit::k_end_of_ring : 0);
    descriptor.buffer = buffers_address_ + static_cast<std::uint32_t>(offset);
    in_flight_.put(put_, owner);
    barrier();
    descriptor.status = k_owned_by_card;
    put_ = is_last ? 0 : put_ + 1;
    ++out_;
}

void* TransmitRing::take_done() {
    while (out_ > 0 && (descriptors_[take_].status & k_owned_by_card) == 0) {
        barrier();
        void* owner = in_flight_.take(take_);
        take_ = take_ + 1 == entries_ ? 0 : take_ + 1;
        --out_;
        if (owner != this)
            return owner;
    }
    return nullptr;
}

void write_setup_frame(const net::MacAddress& address, std::uint8_t (&out)[k_setup_bytes]) {
    constexpr unsigned places = 16;
    constexpr unsigned words = 3;
    for (unsigned i = 0; i < places * words; ++i) {
        const bool ours = i < words;
        std::uint8_t* word = out + std::size_t{4} * i;
        word[0] = word[2] = ours ? address.bytes[2 * i] : 0xff;
        word[1] = word[3] = ours ? address.bytes[2 * i + 1] : 0xff;
    }
}

} // namespace os::tulip
