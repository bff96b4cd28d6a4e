// The network device (Virtual I/O Device 1.2, section 5.1): one queue for receiving, one for
// sending.
//
// Receiving is driven by interrupts, which only schedule work; sending is not: what has been sent
// is noticed when the next frame goes out or comes in, and the device is asked for an interrupt
// only while its ring is full. Notifications wait for the next safe point, so that all that a
// system call sends goes out under one.
#pragma once

#include <foundation/vector.hpp>
#include <net-core/receive_buffers.hpp>
#include <threads/timer.hpp>
#include <virtio/queue.hpp>
#include <virtio/transport.hpp>

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

class VirtioNet final : public net::NetworkDevice {
public:
    explicit VirtioNet(virtio::Transport& transport) : transport_(transport) {}

    Result<void> prepare();

    net::MacAddress mac() const override { return mac_; }
    std::uint16_t mtu() const override { return mtu_; }
    bool link_up() const override { return link_up_; }
    bool checksum_offload() const override { return checksum_offload_; }
    void connect(net::Stack& stack) override;
    Result<void> transmit(const net::Transmission& transmission) override;
    void reclaim() override;

private:
    struct InFlight {
        void* owner = nullptr;
        std::uint16_t next_free = 0;
    };

    Result<void> read_configuration(std::uint64_t features);
    Result<void> create_queue(std::uint16_t index, virtio::Queue& queue, std::uint16_t most);
    static void interrupt(void* device);
    static void configuration_changed(void* device);
    static void work(void* device);
    static void notify_transmit(void* device);
    static void check_link(void* device);

    void receive();
    net::Packet* take_frame(virtio::Queue::Used first);
    void refill();
    bool make_room(std::size_t entries);
    void ask_for_room();
    void unblock_transmit();
    void report_if_broken();

    virtio::Transport& transport_;
    net::Stack* stack_ = nullptr;
    virtio::Queue receive_queue_;
    virtio::Queue transmit_queue_;
    net::ReceiveBuffers buffers_;
    threads::Deferred work_{&VirtioNet::work, this};
    threads::Deferred notify_transmit_{&VirtioNet::notify_transmit, this};
    threads::Deferred check_link_{&VirtioNet::check_link, this};
    virtio::EventIndex event_index_ = virtio::EventIndex::no;
    // One header for each frame that is out, in one page.
    PhysAddr headers_;
    Vector<InFlight> in_flight_;
    std::uint16_t free_in_flight_ = 0;
    net::MacAddress mac_;
    std::uint16_t mtu_ = 1500;
    bool mergeable_ = false;
    bool has_status_ = false;
    bool link_up_ = true;
    bool checksum_offload_ = false;
    bool transmit_blocked_ = false;
    bool reported_broken_ = false;
};

} // namespace os::virtio_net
