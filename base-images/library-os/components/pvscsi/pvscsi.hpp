// The adapter as a SCSI host.
#pragma once

#include <pci/function.hpp>
#include <scsi/host.hpp>
#include <threads/timer.hpp>

#include "rings.hpp"

namespace os::pvscsi {

class PvScsi final : public scsi::Host {
public:
    explicit PvScsi(pci::Function& function) : Host(function.place().data()), function_(function) {}

    Result<void> prepare();

    Result<scsi::Answer> execute(const scsi::Command& command) override;
    std::size_t most_bytes() const override { return k_most_bytes; }
    unsigned target_count() const override { return target_count_; }

private:
    static constexpr std::size_t k_most_bytes = 1 << 20;
    static constexpr unsigned k_most_requests = 16;
    static constexpr std::size_t k_sense_size = sizeof(scsi::Answer::sense);

    block::RequestSlots& slots() override { return slots_; }
    Result<void> submit(unsigned slot, const scsi::Command& command) override;
    scsi::Answer read_answer(unsigned slot, const scsi::Command& command) const override;
    Result<void> bring_up() override;
    void stop() override;

    void set_up_rings();
    void write(Register reg, std::uint32_t value);
    std::uint32_t read(Register reg) const;

    static void interrupt(void* adapter);
    static void collect(void* adapter);

    pci::Function& function_;
    VirtAddr registers_;
    Rings rings_;
    block::RequestSlots slots_{&PvScsi::collect, this};
    Completion completions_[k_most_requests];
    // One page each.
    PhysAddr state_page_;
    PhysAddr request_page_;
    PhysAddr completion_page_;
    PhysAddr sense_page_; // k_sense_size for each slot
    threads::Deferred collect_{&PvScsi::collect, this};
    unsigned target_count_ = 0;
};

} // namespace os::pvscsi
