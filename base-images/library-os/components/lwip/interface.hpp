// A network device as an interface of lwIP.
#pragma once

#include <foundation/vector.hpp>
#include <net-core/network_device.hpp>

#include <lwip/opt.h>

#include <lwip/netif.h>

namespace os::lwip {

class Interface final : public net::Stack {
public:
    explicit Interface(net::NetworkDevice& device) : device_(device) {}

    // Adds the interface to lwIP, up and without addresses.
    Result<void> add(const char* host_name);

    netif& lwip() { return netif_; }
    net::NetworkDevice& device() { return device_; }
    static Interface& of(netif& interface) { return *static_cast<Interface*>(interface.state); }

    std::uint32_t reported_address = 0; // the IPv4 address that the host was told

    void received(net::Packet& packet) override;
    void transmitted(void* owner) override;
    void transmit_possible() override;
    void link_changed() override;

private:
    static err_t initialise(netif* interface);
    static err_t output(netif* interface, pbuf* frame);
    void deliver(pbuf& frame, net::Checksum checksum);
    Result<void> transmit(pbuf& frame);

    net::NetworkDevice& device_;
    netif netif_{};
    std::uint16_t generate_flags_ = 0;
    // Frames that wait for room in the device's ring.
    static constexpr std::size_t k_most_waiting = 512;
    Vector<pbuf*> waiting_;
};

} // namespace os::lwip
