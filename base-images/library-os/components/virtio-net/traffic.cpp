// Frames in and out (5.1.6).
#include <arch/paging.hpp>
#include <control/control.hpp>
#include <memory/frames.hpp>

#include "virtio_net.hpp"

namespace os::virtio_net {

namespace {
constexpr std::uint16_t k_receive_queue = 0;
constexpr std::uint16_t k_transmit_queue = 1;
constexpr std::uint8_t k_needs_checksum = 1; // Header::flags
constexpr std::uint8_t k_data_valid = 2;
constexpr std::size_t k_header_stride = 16;
constexpr unsigned k_receive_budget = 128; // frames at one safe point
constexpr unsigned k_config_status = 6;
// A frame of 64 KiB, the largest there is.
constexpr unsigned k_most_buffers = 65562 / net::ReceiveBuffer::k_capacity + 1;
} // namespace

void VirtioNet::interrupt(void* device) {
    auto& self = *static_cast<VirtioNet*>(device);
    self.receive_queue_.disable_interrupts();
    self.work_.schedule();
}

void VirtioNet::configuration_changed(void* device) {
    static_cast<VirtioNet*>(device)->check_link_.schedule();
}

void VirtioNet::check_link(void* device) {
    auto& self = *static_cast<VirtioNet*>(device);
    if (!self.has_status_)
        return;
    const Result<std::uint16_t> status = self.transport_.config<std::uint16_t>(k_config_status);
    if (!status.ok() || ((status.value() & 1) != 0) == self.link_up_)
        return;
    self.link_up_ = !self.link_up_;
    if (self.stack_ != nullptr)
        self.stack_->link_changed();
}

void VirtioNet::notify_transmit(void* device) {
    auto& self = *static_cast<VirtioNet*>(device);
    if (self.transmit_queue_.publish() == virtio::Queue::Notify::yes)
        self.transport_.notify(k_transmit_queue);
}

void VirtioNet::connect(net::Stack& stack) {
    stack_ = &stack;
    buffers_.set_on_release([](void* device) { static_cast<VirtioNet*>(device)->work_.schedule(); },
                            this);
    refill();
    work_.schedule();
}

void VirtioNet::work(void* device) {
    auto& self = *static_cast<VirtioNet*>(device);
    self.reclaim();
    self.unblock_transmit();
    self.receive();
    self.refill();
    if (!self.receive_queue_.enable_interrupts() && !self.receive_queue_.broken())
        self.work_.schedule();
    self.report_if_broken();
}

void VirtioNet::receive() {
    virtio::Queue::Used used;
    for (unsigned i = 0; i < k_receive_budget && receive_queue_.take_used(used); ++i) {
        net::Packet* frame = take_frame(used);
        if (frame != nullptr)
            stack_->received(*frame);
    }
}

// The buffers of one frame, chained. What does not make a frame is given back.
net::Packet* VirtioNet::take_frame(virtio::Queue::Used first) {
    auto& buffer = *static_cast<net::ReceiveBuffer*>(first.token);
    buffer.packet.next = nullptr;
    if (first.written <= sizeof(Header)) {
        buffers_.give_back(buffer);
        return nullptr;
    }
    const auto& header = *reinterpret_cast<const Header*>(buffer.bytes);
    const unsigned count = mergeable_ ? static_cast<unsigned>(header.buffer_count) : 1;
    buffer.packet.data = buffer.bytes + sizeof(Header);
    buffer.packet.size = first.written - sizeof(Header);
    buffer.packet.checksum = (header.flags & (k_needs_checksum | k_data_valid)) != 0
                                 ? net::Checksum::verified
                                 : net::Checksum::unknown;
    bool whole = count >= 1 && count <= k_most_buffers;
    net::Packet* last = &buffer.packet;
    for (unsigned i = 1; whole && i < count; ++i) {
        virtio::Queue::Used more;
        whole = receive_queue_.take_used(more);
        if (!whole)
            break;
        auto& part = *static_cast<net::ReceiveBuffer*>(more.token);
        part.packet.data = part.bytes;
        part.packet.size = more.written;
        part.packet.next = nullptr;
        last->next = &part.packet;
        last = &part.packet;
    }
    if (whole)
        return &buffer.packet;
    for (net::Packet* packet = &buffer.packet; packet != nullptr;) {
        net::Packet* following = packet->next;
        packet->release(*packet);
        packet = following;
    }
    return nullptr;
}

void VirtioNet::refill() {
    while (receive_queue_.free_entries() > 0 && !receive_queue_.broken()) {
        net::ReceiveBuffer* buffer = buffers_.take();
        if (buffer == nullptr)
            break;
        const virtio::Segment segment{buffer->address, net::ReceiveBuffer::k_capacity};
        if (!receive_queue_.add({}, {&segment, 1}, buffer).ok()) {
            buffers_.give_back(*buffer);
            break;
        }
    }
    if (receive_queue_.publish() == virtio::Queue::Notify::yes)
        transport_.notify(k_receive_queue);
}

void VirtioNet::reclaim() {
    virtio::Queue::Used used;
    while (transmit_queue_.take_used(used)) {
        auto& done = *static_cast<InFlight*>(used.token);
        done.next_free = free_in_flight_;
        free_in_flight_ = static_cast<std::uint16_t>(&done - in_flight_.data());
        stack_->transmitted(done.owner);
    }
}

void VirtioNet::unblock_transmit() {
    if (!transmit_blocked_)
        return;
    if (transmit_queue_.free_entries() >= transmit_queue_.entries() / 4) {
        transmit_blocked_ = false;
        transmit_queue_.disable_interrupts();
        stack_->transmit_possible();
    } else {
        ask_for_room();
    }
}

// An interrupt once a good part of the transmit ring is free.
void VirtioNet::ask_for_room() {
    if (!transmit_queue_.enable_interrupts(
            static_cast<std::uint16_t>(transmit_queue_.entries() / 8)))
        work_.schedule();
}

// Whether so many entries of the transmit ring are free. If not, work() will say when.
bool VirtioNet::make_room(std::size_t entries) {
    if (transmit_queue_.free_entries() >= entries)
        return true;
    reclaim();
    if (transmit_queue_.free_entries() >= entries)
        return true;
    notify_transmit(this);
    transmit_blocked_ = true;
    ask_for_room();
    return false;
}

Result<void> VirtioNet::transmit(const net::Transmission& transmission) {
    const std::size_t count = transmission.fragments.size();
    if (count == 0 || count > net::Transmission::k_most_fragments)
        return Errno::einval;
    if (transmit_queue_.broken())
        return Errno::eio;
    if (transmit_blocked_ || !make_room(count + 1))
        return Errno::eagain;

    const std::uint16_t slot = free_in_flight_;
    const PhysAddr header_address = headers_ + slot * k_header_stride;
    auto& header = *static_cast<Header*>(arch::physical_pointer(header_address));
    header = {};
    if (transmission.checksum_start != 0) {
        header.flags = k_needs_checksum;
        header.checksum_start = transmission.checksum_start;
        header.checksum_offset = transmission.checksum_offset;
    }
    virtio::Segment segments[net::Transmission::k_most_fragments + 1];
    segments[0] = {header_address, sizeof(Header)};
    for (std::size_t i = 0; i < count; ++i) {
        const Bytes fragment = transmission.fragments[i];
        segments[i + 1] = {memory::physical_address(fragment.data()),
                           static_cast<std::uint32_t>(fragment.size())};
    }
    InFlight& entry = in_flight_[slot];
    UNIK_TRY(transmit_queue_.add({segments, count + 1}, {}, &entry));
    free_in_flight_ = entry.next_free;
    entry.owner = transmission.owner;
    notify_transmit_.schedule();
    return {};
}

void VirtioNet::report_if_broken() {
    if (reported_broken_ || (!receive_queue_.broken() && !transmit_queue_.broken()))
        return;
    reported_broken_ = true;
    control::warn("virtio-net-broken",
                  "%s: the device broke virtio's rules and is not used any more", name());
    virtio::fail_device(transport_);
}

} // namespace os::virtio_net
