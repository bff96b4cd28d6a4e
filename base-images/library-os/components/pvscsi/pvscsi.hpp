// The adapter as a SCSI transport. One that leaves a command unanswered is reset and started anew,
// which ends all that it has under way.
#pragma once

#include <block/request_slots.hpp>
#include <pci/function.hpp>
#include <scsi/transport.hpp>
#include <threads/timer.hpp>

#include "rings.hpp"

namespace os::pvscsi {

class PvScsi final : public scsi::Transport {
public:
    explicit PvScsi(pci::Function& function) : function_(function) {}

    Result<void> prepare();

    Result<scsi::Answer> execute(const scsi::Command& command) override;
    std::size_t most_bytes() const override { return k_most_bytes; }
    unsigned target_count() const override { return target_count_; }

private:
    static constexpr std::size_t k_most_bytes = 1 << 20;
    static constexpr unsigned k_most_requests = 16;
    static constexpr std::size_t k_sense_size = sizeof(scsi::Answer::sense);

    void set_up_rings();
    void submit(unsigned slot, const scsi::Command& command);
    scsi::Answer read_answer(unsigned slot, const scsi::Command& command) const;
    void start_again(const char* why);
    void give_up(const char* why);
    void write(Register reg, std::uint32_t value);
    std::uint32_t read(Register reg) const;

    static void interrupt(void* adapter);
    static void collect(void* adapter);

    pci::Function& function_;
    VirtAddr registers_;
    Rings rings_;
    block::RequestSlots slots_;
    Completion completions_[k_most_requests];
    // One page each.
    PhysAddr state_page_;
    PhysAddr request_page_;
    PhysAddr completion_page_;
    PhysAddr sense_page_; // k_sense_size for each slot
    threads::Deferred collect_{&PvScsi::collect, this};
    unsigned target_count_ = 0;
    unsigned starts_ = 0;
};

} // namespace os::pvscsi
