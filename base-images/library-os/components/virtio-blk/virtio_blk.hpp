// The block device (Virtual I/O Device 1.2, section 5.2): one queue of requests, each a header that
// the device reads, the data, and a status byte that it writes.
//
// Answers arrive by interrupt, which only schedules work; who waits sleeps in RequestSlots. A
// device that breaks the rules or says nothing is reset, so that it touches no memory any more, and
// every later request fails at once.
#pragma once

#include <block/block_device.hpp>
#include <block/request_slots.hpp>
#include <foundation/types.hpp>
#include <threads/timer.hpp>
#include <virtio/queue.hpp>
#include <virtio/transport.hpp>

namespace os::virtio_blk {

class VirtioBlk final : public block::BlockDevice {
public:
    explicit VirtioBlk(virtio::Transport& transport) : transport_(transport) {}

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
    Result<void> create_queue();
    // `buffer` may be empty. The status the device gave.
    Result<std::uint8_t> request(std::uint32_t type, std::uint64_t sector, MutableBytes buffer);
    Result<void> submit(unsigned slot, std::uint32_t type, MutableBytes buffer);
    Shared& shared(unsigned slot) const;
    void give_up(const char* why);

    static void interrupt(void* device);
    static void collect(void* device);
    static void configuration_changed(void* device);
    static void check_status(void* device);

    virtio::Transport& transport_;
    virtio::Queue queue_;
    block::RequestSlots slots_{&VirtioBlk::collect, this};
    PhysAddr shared_; // one page, a Shared for each slot
    threads::Deferred collect_{&VirtioBlk::collect, this};
    threads::Deferred check_status_{&VirtioBlk::check_status, this};
    std::uint64_t sector_count_ = 0;
    std::uint32_t sector_size_ = block::k_least_sector_size;
    std::uint32_t physical_sector_size_ = block::k_least_sector_size;
    std::uint32_t segment_size_ = 0;
    std::uint32_t segments_ = 1;
    block::Access access_ = block::Access::read_write;
    bool can_flush_ = false;
};

} // namespace os::virtio_blk
