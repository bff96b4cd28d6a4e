// Bringing the device up (5.1.5).
#include <arch/paging.hpp>
#include <foundation/own.hpp>
#include <memory/frames.hpp>

#include "virtio_net.hpp"

namespace os::virtio_net {

Result<void> attach(Device& device);

namespace {
// 5.1.3: feature bits.
constexpr std::uint64_t k_checksum = 1ULL << 0;
constexpr std::uint64_t k_guest_checksum = 1ULL << 1;
constexpr std::uint64_t k_mtu = 1ULL << 3;
constexpr std::uint64_t k_mac = 1ULL << 5;
constexpr std::uint64_t k_mergeable = 1ULL << 15;
constexpr std::uint64_t k_status = 1ULL << 16;

// 5.1.4: the configuration's layout.
constexpr unsigned k_config_mac = 0;
constexpr unsigned k_config_status = 6;
constexpr unsigned k_config_mtu = 10;

constexpr std::uint16_t k_least_mtu = 1280; // IPv6 asks for it
constexpr std::uint16_t k_receive_queue = 0;
constexpr std::uint16_t k_transmit_queue = 1;
constexpr std::uint16_t k_least_entries = 32; // room for a frame of many fragments

// A machine with little memory gets small rings.
std::uint16_t ring_entries() {
    const std::uint64_t free_frames = memory::frame_count().free;
    return free_frames >= 4096 ? 256 : free_frames >= 1024 ? 128 : 32;
}
} // namespace

Result<void> VirtioNet::read_configuration(std::uint64_t features) {
    event_index_ = (features & virtio::k_feature_event_index) != 0 ? virtio::EventIndex::yes
                                                                   : virtio::EventIndex::no;
    mergeable_ = (features & k_mergeable) != 0;
    checksum_offload_ = (features & k_checksum) != 0;
    has_status_ = (features & k_status) != 0;
    if ((features & k_mac) == 0)
        return Errno::enodev;
    mac_ = UNIK_TRY(transport_.config<net::MacAddress>(k_config_mac));
    if ((features & k_mtu) != 0) {
        const std::uint16_t mtu = UNIK_TRY(transport_.config<std::uint16_t>(k_config_mtu));
        if (mtu >= k_least_mtu && mtu < mtu_)
            mtu_ = mtu;
    }
    if (has_status_)
        link_up_ = (UNIK_TRY(transport_.config<std::uint16_t>(k_config_status)) & 1) != 0;
    return {};
}

Result<void> VirtioNet::create_queue(std::uint16_t index, virtio::Queue& queue,
                                     std::uint16_t most) {
    const std::uint16_t limit = transport_.queue_limit(index);
    std::uint16_t entries = most;
    while (entries > limit)
        entries /= 2;
    if (entries < k_least_entries)
        return Errno::enodev;
    const std::size_t size = virtio::Queue::memory_size(entries);
    unsigned order = 0;
    while ((k_page_size << order) < size)
        ++order;
    const PhysAddr address = UNIK_TRY(memory::allocate_frames(order));
    void* pointer = arch::physical_pointer(address);
    __builtin_memset(pointer, 0, k_page_size << order);
    UNIK_TRY(queue.initialise({pointer, address}, entries, event_index_));
    return transport_.enable_queue(index,
                                   {entries, queue.descriptors(), queue.available(), queue.used()});
}

Result<void> VirtioNet::prepare() {
    const std::uint64_t features = UNIK_TRY(
        virtio::negotiate(transport_, k_checksum | k_guest_checksum | k_mtu | k_mac | k_mergeable |
                                          k_status | virtio::k_feature_event_index));
    UNIK_TRY(read_configuration(features));
    UNIK_TRY(transport_.connect_interrupts(
        {&VirtioNet::interrupt, &VirtioNet::configuration_changed, this}));
    const std::uint16_t most = ring_entries();
    UNIK_TRY(create_queue(k_receive_queue, receive_queue_, most));
    UNIK_TRY(create_queue(k_transmit_queue, transmit_queue_, most));

    headers_ = UNIK_TRY(memory::allocate_zeroed_frame());
    UNIK_TRY(in_flight_.resize(transmit_queue_.entries()));
    for (std::uint16_t i = 0; i < transmit_queue_.entries(); ++i)
        in_flight_[i].next_free = static_cast<std::uint16_t>(i + 1);
    receive_queue_.disable_interrupts();
    transmit_queue_.disable_interrupts();
    return {};
}

Result<void> attach(Device& device) {
    auto& transport = static_cast<virtio::Transport&>(device);
    auto made = UNIK_TRY(try_make<VirtioNet>(transport));
    VirtioNet& network = *made.release(); // its interrupt handler stays, whatever comes
    UNIK_TRY(network.prepare());
    virtio::start_device(transport);
    net::register_device(network);
    return {};
}

} // namespace os::virtio_net
