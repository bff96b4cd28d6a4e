// Bringing the device up (5.6.5), and up again.
#include <arch/paging.hpp>
#include <foundation/own.hpp>
#include <memory/frames.hpp>

#include "virtio_scsi.hpp"

namespace os::virtio_scsi {

Result<void> attach(Device& device);

namespace {
// 5.6.4: the configuration's layout.
constexpr unsigned k_config_most_sectors = 8; // of 512 bytes
constexpr unsigned k_config_sense_size = 20;
constexpr unsigned k_config_command_size = 24;
constexpr unsigned k_config_most_target = 30;

constexpr std::uint64_t k_sector_unit = 512;
constexpr std::size_t k_most_bytes = 1 << 20;
constexpr std::size_t k_least_bytes = 4096;
constexpr std::size_t k_greatest_sector = 4096;

constexpr std::uint16_t k_request_queue = 2;
constexpr std::uint16_t k_entries = 64;
constexpr unsigned k_descriptors = 3; // request, response, data
constexpr unsigned k_most_requests = 16;
} // namespace

Result<void> VirtioScsi::check_configuration() {
    // 5.6.4: after a reset the sizes are these.
    if (UNIK_TRY(transport_.config<std::uint32_t>(k_config_sense_size)) != k_sense_size ||
        UNIK_TRY(transport_.config<std::uint32_t>(k_config_command_size)) != k_command_size)
        return Errno::enodev;
    const std::uint64_t bytes =
        UNIK_TRY(transport_.config<std::uint32_t>(k_config_most_sectors)) * k_sector_unit;
    most_bytes_ = bytes == 0 || bytes > k_most_bytes
                      ? k_most_bytes
                      : static_cast<std::size_t>(align_down(bytes, k_greatest_sector));
    target_count_ = UNIK_TRY(transport_.config<std::uint16_t>(k_config_most_target)) + 1U;
    return most_bytes_ >= k_least_bytes ? Result<void>() : Errno::enodev;
}

Result<void> VirtioScsi::create_queue() {
    const std::uint16_t limit = transport_.queue_limit(k_request_queue);
    std::uint16_t entries = k_entries;
    while (entries > limit)
        entries /= 2;
    if (entries < k_descriptors)
        return Errno::enodev;
    const unsigned requests = entries / k_descriptors;
    slots_.set_count(requests < k_most_requests ? requests : k_most_requests);
    static_assert(k_most_requests * sizeof(Shared) <= k_page_size);
    void* ring = arch::physical_pointer(ring_); // 64 entries fit in a page
    __builtin_memset(ring, 0, k_page_size);
    queue_ = virtio::Queue();
    UNIK_TRY(queue_.initialise({ring, ring_}, entries, virtio::EventIndex::no));
    return transport_.enable_queue(
        k_request_queue, {entries, queue_.descriptors(), queue_.available(), queue_.used()});
}

Result<void> VirtioScsi::prepare() {
    ring_ = UNIK_TRY(memory::allocate_zeroed_frame());
    shared_ = UNIK_TRY(memory::allocate_zeroed_frame());
    UNIK_TRY(virtio::negotiate(transport_, 0));
    UNIK_TRY(check_configuration());
    UNIK_TRY(transport_.connect_interrupts(
        {&VirtioScsi::interrupt, &VirtioScsi::configuration_changed, this}));
    UNIK_TRY(create_queue());
    virtio::start_device(transport_);
    return {};
}

Result<void> VirtioScsi::bring_up() {
    UNIK_TRY(virtio::negotiate(transport_, 0));
    UNIK_TRY(create_queue());
    virtio::start_device(transport_);
    return {};
}

void VirtioScsi::stop() {
    (void)virtio::reset(transport_); // one that does not even reset is gone
}

Result<void> attach(Device& device) {
    auto& transport = static_cast<virtio::Transport&>(device);
    auto made = UNIK_TRY(try_make<VirtioScsi>(transport, device.place().data()));
    VirtioScsi& host = *made.release(); // its interrupt handler stays, whatever comes
    const Result<void> prepared = host.prepare();
    if (!prepared.ok()) {
        virtio::fail_device(transport);
        return prepared;
    }
    return scsi::find_disks(host);
}

} // namespace os::virtio_scsi
