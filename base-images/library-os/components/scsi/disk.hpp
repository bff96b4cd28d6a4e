// One disk (a logical unit) behind a transport.
#pragma once

#include <block/block_device.hpp>

#include "commands.hpp"
#include "execute.hpp"

namespace os::scsi {

class Disk final : public block::BlockDevice {
public:
    Disk(Transport& transport, Address address, const Identity& identity)
        : transport_(transport), address_(address), identity_(identity) {}

    // Finds out what the disk is like. `scratch` is contiguous kernel memory. enxio: nothing can
    // be read there, which is no fault (a CD drive without a CD).
    Result<void> prepare(MutableBytes scratch);

    std::uint32_t sector_size() const override { return capacity_.sector_size; }
    std::uint32_t physical_sector_size() const override { return capacity_.physical_sector_size; }
    std::uint64_t sector_count() const override { return capacity_.sectors; }
    block::Access access() const override { return access_; }
    std::size_t most_bytes() const override { return most_bytes_; }
    Result<void> transfer(block::Direction direction, std::uint64_t sector,
                          MutableBytes buffer) override;
    Result<void> flush() override;

private:
    Result<void> read_capacity(MutableBytes scratch);
    Result<Done> run(const Command& command);

    Transport& transport_;
    Address address_;
    Identity identity_;
    Capacity capacity_;
    std::size_t most_bytes_ = 0;
    block::Access access_ = block::Access::read_write;
    bool given_up_ = false;
};

} // namespace os::scsi
