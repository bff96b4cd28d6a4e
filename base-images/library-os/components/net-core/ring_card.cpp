#include <control/control.hpp>
#include <memory/frames.hpp>
#include <net-core/ring_card.hpp>

namespace os::net {

void RingCard::connect(Stack& stack) {
    stack_ = &stack;
    buffers_.set_on_release([](void* card) { static_cast<RingCard*>(card)->work_.schedule(); },
                            this);
    refill();
    work_.schedule();
}

void RingCard::schedule_link_check() {
    link_check_ = true;
    work_.schedule();
}

void RingCard::give_up(const char* what) {
    if (broken_)
        return;
    broken_ = true;
    silence();
    control::warn("network-card-broken", "%s: %s; the card is not used any more", name(), what);
}

void RingCard::work(void* card) {
    auto& self = *static_cast<RingCard*>(card);
    if (self.stack_ == nullptr || self.broken_)
        return;
    self.check_link();
    self.reclaim();
    self.unblock_transmit();
    const bool all_taken = self.receive();
    self.refill();
    if (self.broken_)
        return;
    if (all_taken) {
        self.listen(self.transmit_blocked_ ? Listen::for_frames_and_room : Listen::for_frames);
        if (!self.has_received())
            return;
        self.silence();
    }
    self.work_.schedule();
}

bool RingCard::receive() {
    for (unsigned i = 0; i < k_receive_budget && !broken_; ++i) {
        const Received received = take_received();
        if (received.buffer == nullptr)
            return true;
        if (received.size == 0) {
            buffers_.give_back(*received.buffer);
            continue;
        }
        Packet& packet = received.buffer->packet;
        packet.data = received.buffer->bytes;
        packet.size = received.size;
        packet.next = nullptr;
        packet.checksum = received.checksum;
        stack_->received(packet);
    }
    return false;
}

void RingCard::refill() {
    bool any = false;
    while (!broken_) {
        ReceiveBuffer* buffer = buffers_.take();
        if (buffer == nullptr)
            break;
        if (!offer(*buffer)) {
            buffers_.give_back(*buffer);
            break;
        }
        any = true;
    }
    if (any)
        publish_buffers();
}

void RingCard::reclaim() {
    while (void* owner = take_transmitted())
        stack_->transmitted(owner);
}

void RingCard::unblock_transmit() {
    // Room for any frame, so that the stack does not come back in vain.
    constexpr std::size_t most = Transmission::k_most_fragments + k_extra_entries;
    const std::size_t quarter = entries() / 4;
    if (!transmit_blocked_ || room() < (quarter > most ? quarter : most))
        return;
    transmit_blocked_ = false;
    stack_->transmit_possible();
}

void RingCard::check_link() {
    if (!link_check_)
        return;
    link_check_ = false;
    const bool up = read_link();
    if (up == link_up_)
        return;
    link_up_ = up;
    stack_->link_changed();
}

void RingCard::flush(void* card) {
    auto& self = *static_cast<RingCard*>(card);
    if (!self.broken_)
        self.publish_frames();
}

Result<void> RingCard::transmit(const Transmission& transmission) {
    const std::size_t count = transmission.fragments.size();
    if (count == 0 || count > Transmission::k_most_fragments)
        return Errno::einval;
    if (broken_)
        return Errno::eio;
    if (!transmit_blocked_ && room() < count + k_extra_entries)
        reclaim();
    if (transmit_blocked_ || room() < count + k_extra_entries) {
        if (!transmit_blocked_) {
            transmit_blocked_ = true;
            flush(this);
            work_.schedule(); // which asks for an interrupt
        }
        return Errno::eagain;
    }
    Segment segments[Transmission::k_most_fragments];
    std::size_t size = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const Bytes fragment = transmission.fragments[i];
        size += fragment.size();
        segments[i] = {memory::physical_address(fragment.data()),
                       static_cast<std::uint32_t>(fragment.size())};
    }
    if (size > k_longest_frame)
        return Errno::einval;
    put({segments, count}, transmission);
    flush_.schedule();
    return {};
}

} // namespace os::net
