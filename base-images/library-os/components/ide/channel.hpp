// A channel with up to two devices (ACS-3 and ATA8-APT for the registers; Programming Interface for
// Bus Master IDE Controller 1.0 for DMA). One command is out at a time.
#pragma once

#include <ata/disk.hpp>
#include <ata/dma_memory.hpp>
#include <threads/alert.hpp>

#include "ports.hpp"
#include "region_table.hpp"

namespace os::ide {

class Channel final : public ata::Link {
public:
    // `table`: k_most_regions regions below 4 GiB that no multiple of 64 KiB cuts, for DMA.
    Channel(Ports& ports, ata::Mover mover, PhysAddr table)
        : ports_(ports), mover_(mover), table_(table) {}

    // enodev: nobody listens. Otherwise it may raise interrupts from now on.
    Result<void> start();

    Result<ata::Answer> execute(unsigned unit, const ata::Command& command,
                                MutableBytes data) override;
    Result<void> reset() override;
    void cut_off() override;
    ata::Mover mover() const override { return mover_; }

    // Acknowledges an interrupt, if there is one, and lets the waiting thread look. Any context.
    void collect();

private:
    template <typename Condition>
    bool wait_for_status(Condition condition);
    bool wait_while_busy();
    void settle();
    Result<void> select(unsigned unit);
    void write_command(unsigned unit, const ata::Command& command);
    Result<ata::Answer> answer();
    Result<ata::Answer> move_by_processor(unsigned unit, const ata::Command& command,
                                          MutableBytes data);
    Result<ata::Answer> move_by_bus_master(unsigned unit, const ata::Command& command,
                                           MutableBytes data);

    Ports& ports_;
    const ata::Mover mover_;
    const PhysAddr table_;
    ata::DmaMemory dma_{ata::Addresses::bits_32};
    threads::Alert alert_;
    std::uint8_t events_ = 0; // the bus master's status with each interrupt since the last command
    Nanoseconds deadline_{};
};

} // namespace os::ide
