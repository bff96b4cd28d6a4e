// Socket addresses in the layout of the Linux ABI (sockaddr_in, sockaddr_in6, sockaddr_un) and as
// the stack knows them.
#pragma once

#include <cstdint>

#include <foundation/result.hpp>
#include <foundation/span.hpp>

#include <lwip/opt.h>

#include <lwip/ip_addr.h>

namespace os::sockets {

inline constexpr int k_family_unspecified = 0;
inline constexpr int k_family_unix = 1;
inline constexpr int k_family_inet = 2;
inline constexpr int k_family_inet6 = 10;
inline constexpr int k_family_netlink = 16;

// As the program hands it over: `size` bytes, the family first.
struct SocketAddress {
    static constexpr std::size_t k_most_bytes = 128; // sockaddr_storage
    std::uint8_t bytes[k_most_bytes] = {};
    std::uint32_t size = 0;

    static Result<SocketAddress> from(Bytes bytes); // einval when too long
    // k_family_unspecified when there is not even a family.
    int family() const;
};

struct Endpoint {
    ip_addr_t address{};
    std::uint16_t port = 0;
};

enum class OnlyV6 { no, yes };

// What a socket of this family means by the address. IPv4 addresses mapped into IPv6 become IPv4.
// einval: too short; eafnosupport: another family.
Result<Endpoint> parse_endpoint(const SocketAddress& address, int family);
// The other way round, as a socket of this family shows it.
SocketAddress format_endpoint(const Endpoint& endpoint, int family);

// "10.0.2.15", "::" for messages.
void describe_address(const ip_addr_t& address, char* buffer, std::size_t size);

} // namespace os::sockets
