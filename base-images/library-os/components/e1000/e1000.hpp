// One card. The 82574 differs from its elders in where its MSI-X causes go and in a bit or two.
#pragma once

#include <net-core/ring_card.hpp>
#include <pci/function.hpp>

#include "rings.hpp"

namespace os::e1000 {

enum class Kind { k8254x, k82574 };

class E1000 final : public net::RingCard {
public:
    E1000(pci::Function& function, Kind kind)
        : RingCard(net::Reach::everywhere), function_(function), kind_(kind) {}

    Result<void> prepare();

    bool checksum_offload() const override { return true; }

protected:
    bool offer(net::ReceiveBuffer& buffer) override { return receive_ring_.offer(buffer); }
    void publish_buffers() override { write(Register::receive_tail, receive_ring_.tail()); }
    bool has_received() override { return receive_ring_.has_received(); }
    Received take_received() override;
    std::size_t room() const override { return transmit_ring_.room(); }
    std::size_t entries() const override { return transmit_ring_.entries(); }
    void put(Span<const net::Segment> segments, const net::Transmission& transmission) override {
        transmit_ring_.put(segments, transmission);
    }
    void publish_frames() override { write(Register::transmit_tail, transmit_ring_.tail()); }
    void* take_transmitted() override { return transmit_ring_.take_done(); }
    void listen(Listen what) override;
    void silence() override { write(Register::interrupt_mask_clear, UINT32_MAX); }
    bool read_link() override { return (read(Register::status) & k_status_link_up) != 0; }

private:
    static void interrupt(void* card);
    std::uint32_t read(Register reg) const { return at(reg); }
    void write(Register reg, std::uint32_t value) { at(reg) = value; }
    volatile std::uint32_t& at(Register reg) const {
        return *(registers_ + static_cast<std::uint32_t>(reg)).as<volatile std::uint32_t>();
    }
    Result<void> reset();
    bool read_address();
    void write_address();
    Result<void> create_rings();
    void start();

    pci::Function& function_;
    Kind kind_;
    VirtAddr registers_;
    ReceiveRing receive_ring_;
    TransmitRing transmit_ring_;
};

} // namespace os::e1000
