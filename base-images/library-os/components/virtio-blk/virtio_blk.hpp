// The block device (Virtual I/O Device 1.2, section 5.2): one queue of requests, each a header that
// the device reads, the data, and a status byte that it writes. A device that says nothing is given
// up.
#pragma once

#include <block/block_device.hpp>
#include <foundation/types.hpp>
#include <virtio-requests/request_queue.hpp>
#include <virtio/transport.hpp>

namespace os::virtio_blk {

class VirtioBlk final : public block::BlockDevice {
public:
    explicit VirtioBlk(virtio::Transport& transport)
        : transport_(transport),
          requests_(transport, {k_queue, sizeof(Shared)}, {&VirtioBlk::give_up, this}) {}

    Result<void> prepare();

    std::uint32_t sector_size() const override { return sector_size_; }
    std::uint32_t physical_sector_size() const override { return physical_sector_size_; }
    std::uint64_t sector_count() const override { return sector_count_; }
    block::Access access() const override { return access_; }
    std::size_t most_bytes() const override { return segment_size_ * segments_; }
    Result<void> transfer(block::Direction direction, std::uint64_t sector,
                          MutableBytes buffer) override;
    Result<void> flush() override;

private:
    static constexpr std::uint16_t k_queue = 0;
    static constexpr std::size_t k_most_segments = 8;

    // 5.2.6; 16 bytes, and the status byte behind them.
    struct Header {
        std::uint32_t type = 0;
        std::uint32_t reserved = 0;
        std::uint64_t sector = 0; // of 512 bytes, whatever the device's own
    };
    struct Shared {
        Header header;
        std::uint8_t status = 0;
        std::uint8_t padding[15] = {};
    };
    static_assert(sizeof(Shared) == 32);

    Result<void> read_configuration(std::uint64_t features);
    Result<void> read_limits(std::uint64_t features);
    // `buffer` may be empty. The status the device gave.
    Result<std::uint8_t> request(std::uint32_t type, std::uint64_t sector, MutableBytes buffer);
    Result<void> submit(unsigned slot, std::uint32_t type, MutableBytes buffer);

    static void give_up(void* disk, const char* why);

    virtio::Transport& transport_;
    virtio_requests::RequestQueue requests_;
    std::uint64_t sector_count_ = 0;
    std::uint32_t sector_size_ = block::k_least_sector_size;
    std::uint32_t physical_sector_size_ = block::k_least_sector_size;
    std::uint32_t segment_size_ = 0;
    std::uint32_t segments_ = 1;
    block::Access access_ = block::Access::read_write;
    bool can_flush_ = false;
};

} // namespace os::virtio_blk
