// One card: one queue for each direction, one interrupt for both and for events.
#pragma once

#include <net-core/ring_card.hpp>
#include <pci/function.hpp>

#include "rings.hpp"

namespace os::vmxnet3 {

class Vmxnet3 final : public net::RingCard {
public:
    explicit Vmxnet3(pci::Function& function)
        : RingCard(net::Reach::everywhere), function_(function) {}

    Result<void> prepare();

    bool checksum_offload() const override { return true; }

protected:
    bool offer(net::ReceiveBuffer& buffer) override { return receive_ring_.offer(buffer); }
    void publish_buffers() override;
    bool has_received() override { return receive_ring_.has_received(); }
    Received take_received() override;
    std::size_t room() const override { return transmit_ring_.room(); }
    std::size_t entries() const override { return transmit_ring_.entries(); }
    void put(Span<const net::Segment> segments, const net::Transmission& transmission) override {
        transmit_ring_.put(segments, transmission);
    }
    void publish_frames() override { ring(Doorbell::transmit, transmit_ring_.next()); }
    void* take_transmitted() override;
    void listen(Listen) override { ring(Doorbell::interrupt_mask, 0); }
    void silence() override { ring(Doorbell::interrupt_mask, 1); }
    bool read_link() override;

private:
    static void interrupt(void* card);
    std::uint32_t read(Register reg) const;
    void write(Register reg, std::uint32_t value);
    void ring(Doorbell bell, std::uint32_t value);
    void command(Command what);
    std::uint32_t ask(Command what);
    Result<void> agree_on_version();
    Result<void> create_rings();
    Result<void> describe();

    pci::Function& function_;
    VirtAddr doorbells_;
    VirtAddr registers_;
    volatile Shared* shared_ = nullptr;
    volatile ReceiveQueue* receive_queue_ = nullptr;
    PhysAddr rings_;
    bool stopped_ = false; // the device says so
    ReceiveRing receive_ring_;
    TransmitRing transmit_ring_;
};

} // namespace os::vmxnet3
