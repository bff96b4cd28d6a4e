// What TCP and UDP sockets share.
#pragma once

#include <sockets/socket.hpp>

#include <lwip/err.h>

namespace os::sockets {

// lwIP's error as the program sees it.
Errno errno_of(err_t error);

// The address to bind to: for an IPv6 socket "any" means both versions, unless it wants only one.
ip_addr_t bind_address(const Endpoint& endpoint, int family, OnlyV6 only_v6);

// Whether an address is one of this machine (or any).
bool is_local(const ip_addr_t& address);

// Connecting to "any" means this machine.
ip_addr_t destination_of(const ip_addr_t& address);

// The MTU of the interface on the way there, as far as it is known.
std::int32_t mtu_towards(const ip_addr_t& address);

// Sockets hear of packets that could not be delivered from here on.
void set_unreachable_handler();

// Tells the host that the program waits for connections or datagrams.
void announce(const char* protocol, const ip_addr_t& address, std::uint16_t port);

inline constexpr std::uint16_t k_first_ephemeral_port = 0xc000; // as lwIP gives them out

} // namespace os::sockets
