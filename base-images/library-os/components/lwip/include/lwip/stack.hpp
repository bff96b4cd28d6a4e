// The network stack in the kernel. lwIP's raw interface (lwip/tcp.h, lwip/udp.h) is used directly,
// from threads and from deferred work, never in interrupt context.
#pragma once

#include <foundation/result.hpp>
#include <foundation/span.hpp>

namespace os::lwip {

// Starts the stack on every network device, configured by the settings `ip4` and `ip6`; waits a
// little for DHCP's answer.
Result<void> start();

// Delivers what was sent to this machine itself. Called after every group of calls into lwIP by a
// thread; callbacks of other connections run in it. Does nothing while lwIP handles a packet or a
// timer: that ends with it anyway.
void settle();

// While one exists, lwIP is at work on a packet or a timer and must not be given another one.
class AtWork {
public:
    AtWork();
    AtWork(const AtWork&) = delete;
    AtWork& operator=(const AtWork&) = delete;
    ~AtWork(); // settles
};

// What the stack knows of the network, for files and ioctls.
struct Ip4Address {
    std::uint8_t bytes[4] = {};
};
struct Ip6Address {
    std::uint8_t bytes[16] = {};
    unsigned prefix = 64;
};
struct InterfaceInfo {
    char name[8] = {};  // "lo", "en0", …
    unsigned index = 0; // from 1 on
    std::uint8_t mac[6] = {};
    unsigned mtu = 0;
    bool loopback = false;
    bool up = false;
    bool link_up = false;
    Ip4Address address; // all zeroes: none
    Ip4Address netmask;
    Ip4Address gateway;
    Ip6Address addresses6[4];
    unsigned address6_count = 0;
    bool has_gateway6 = false;
    Ip6Address gateway6; // a router that has announced itself, or the configured one
};
std::uint16_t flags_of(const InterfaceInfo& info); // IFF_ bits of linux/if.h
void for_each_interface(void (*visit)(const InterfaceInfo&, void*), void* argument);

// Name servers, as text ("10.0.2.3"); fewer than `index + 1`: empty.
inline constexpr unsigned k_most_name_servers = 3;
StringView name_server(unsigned index);

} // namespace os::lwip
