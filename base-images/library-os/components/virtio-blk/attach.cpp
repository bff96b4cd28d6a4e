// Bringing the device up (5.2.5).
#include <foundation/own.hpp>

#include "virtio_blk.hpp"

namespace os::virtio_blk {

Result<void> attach(Device& device);

namespace {
// 5.2.3: feature bits.
constexpr std::uint64_t k_segment_size = 1ULL << 1;
constexpr std::uint64_t k_segment_count = 1ULL << 2;
constexpr std::uint64_t k_read_only = 1ULL << 5;
constexpr std::uint64_t k_block_size = 1ULL << 6;
constexpr std::uint64_t k_flush = 1ULL << 9;
constexpr std::uint64_t k_topology = 1ULL << 10;

// 5.2.4: the configuration's layout.
constexpr unsigned k_config_capacity = 0; // in 512 bytes
constexpr unsigned k_config_segment_size = 8;
constexpr unsigned k_config_segment_count = 12;
constexpr unsigned k_config_block_size = 20;
constexpr unsigned k_config_physical_exponent = 24;

constexpr std::uint64_t k_capacity_unit = 512;
constexpr std::uint32_t k_most_bytes = 1 << 20;
constexpr std::uint32_t k_least_bytes = 4096;
constexpr std::uint8_t k_most_exponent = 12;

constexpr unsigned k_descriptors_beside_data = 2; // header and status
} // namespace

Result<void> VirtioBlk::read_limits(std::uint64_t features) {
    segment_size_ = k_most_bytes;
    if ((features & k_segment_size) != 0) {
        const auto size = UNIK_TRY(transport_.config<std::uint32_t>(k_config_segment_size));
        if (size < segment_size_)
            segment_size_ = size / block::k_greatest_sector_size * block::k_greatest_sector_size;
    }
    // Memory is contiguous: more than one segment serves only where segments must be small.
    std::uint32_t most_segments = 1;
    if ((features & k_segment_count) != 0)
        most_segments = UNIK_TRY(transport_.config<std::uint32_t>(k_config_segment_count));
    while (segments_ < most_segments && segments_ < k_most_segments &&
           segment_size_ * (segments_ + 1) <= k_most_bytes)
        ++segments_;
    return most_bytes() >= k_least_bytes ? Result<void>() : Errno::enodev;
}

Result<void> VirtioBlk::read_configuration(std::uint64_t features) {
    if ((features & k_read_only) != 0)
        access_ = block::Access::read_only;
    can_flush_ = (features & k_flush) != 0;
    if ((features & k_block_size) != 0)
        sector_size_ = UNIK_TRY(transport_.config<std::uint32_t>(k_config_block_size));
    if (sector_size_ < block::k_least_sector_size || sector_size_ > block::k_greatest_sector_size)
        return Errno::einval;
    physical_sector_size_ = sector_size_;
    if ((features & k_topology) != 0) {
        const auto exponent = UNIK_TRY(transport_.config<std::uint8_t>(k_config_physical_exponent));
        if (exponent <= k_most_exponent)
            physical_sector_size_ = sector_size_ << exponent;
    }
    const auto capacity = UNIK_TRY(transport_.config<std::uint64_t>(k_config_capacity));
    sector_count_ = capacity / (sector_size_ / k_capacity_unit);
    return read_limits(features);
}

Result<void> VirtioBlk::prepare() {
    const std::uint64_t features =
        UNIK_TRY(virtio::negotiate(transport_, k_segment_size | k_segment_count | k_read_only |
                                                   k_block_size | k_flush | k_topology));
    UNIK_TRY(read_configuration(features));
    UNIK_TRY(requests_.prepare());
    return requests_.open(segments_ + k_descriptors_beside_data);
}

Result<void> attach(Device& device) {
    auto& transport = static_cast<virtio::Transport&>(device);
    auto made = UNIK_TRY(try_make<VirtioBlk>(transport));
    VirtioBlk& disk = *made.release(); // its interrupt handler stays, whatever comes
    const Result<void> prepared = disk.prepare();
    if (!prepared.ok()) {
        virtio::fail_device(transport);
        return prepared;
    }
    virtio::start_device(transport);
    return block::register_device(disk, "vd");
}

} // namespace os::virtio_blk
