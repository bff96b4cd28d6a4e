// Bringing the device up (5.6.5), and up again.
#include <foundation/own.hpp>

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

constexpr unsigned k_descriptors = 3; // request, response, data
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

Result<void> VirtioScsi::prepare() {
    UNIK_TRY(virtio::negotiate(transport_, 0));
    UNIK_TRY(check_configuration());
    UNIK_TRY(requests_.prepare());
    UNIK_TRY(requests_.open(k_descriptors));
    virtio::start_device(transport_);
    return {};
}

Result<void> VirtioScsi::bring_up() {
    UNIK_TRY(virtio::negotiate(transport_, 0));
    UNIK_TRY(requests_.open(k_descriptors));
    virtio::start_device(transport_);
    return {};
}

void VirtioScsi::stop() {
    requests_.stop();
}

void VirtioScsi::device_failed(void* host, const char* why) {
    static_cast<VirtioScsi*>(host)->give_up(why);
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
