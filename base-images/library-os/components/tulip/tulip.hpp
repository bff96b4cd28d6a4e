// One card. It has no interrupt for the link: the PHY is asked every other second.
#pragma once

#include <arch/cpu.hpp>
#include <net-core/ring_card.hpp>
#include <pci/function.hpp>

#include "rings.hpp"
#include "serial.hpp"

namespace os::tulip {

class Ports final : public Registers {
public:
    void set_base(std::uint16_t base) { base_ = base; }
    std::uint32_t read(Csr csr) override { return arch::in32(port(csr)); }
    void write(Csr csr, std::uint32_t value) override { arch::out32(port(csr), value); }

private:
    std::uint16_t port(Csr csr) const {
        return static_cast<std::uint16_t>(base_ + static_cast<std::uint16_t>(csr));
    }
    std::uint16_t base_ = 0;
};

class Tulip final : public net::RingCard {
public:
    explicit Tulip(pci::Function& function)
        : RingCard(net::Reach::below_4_gib), function_(function) {}

    Result<void> prepare();

    bool checksum_offload() const override { return false; }

protected:
    bool offer(net::ReceiveBuffer& buffer) override { return receive_ring_.offer(buffer); }
    void publish_buffers() override { ports_.write(Csr::receive_poll, 1); }
    bool has_received() override { return receive_ring_.has_received(); }
    Received take_received() override;
    std::size_t room() const override { return transmit_ring_.room(); }
    std::size_t entries() const override { return transmit_ring_.entries(); }
    void put(Span<const net::Segment>, const net::Transmission& transmission) override {
        transmit_ring_.put(transmission.fragments, transmission.owner);
    }
    void publish_frames() override { ports_.write(Csr::transmit_poll, 1); }
    void* take_transmitted() override { return transmit_ring_.take_done(); }
    void listen(Listen what) override;
    void silence() override { ports_.write(Csr::interrupt_enable, 0); }
    bool read_link() override;

private:
    static void interrupt(void* card);
    static void on_timer(void* card);
    Result<void> reset();
    Result<void> create_rings();
    void start();

    pci::Function& function_;
    Ports ports_;
    ReceiveRing receive_ring_;
    TransmitRing transmit_ring_;
    threads::Timer timer_{&Tulip::on_timer, this};
    unsigned phy_ = 0;
    bool has_phy_ = false;
    bool bus_error_ = false;
};

} // namespace os::tulip
