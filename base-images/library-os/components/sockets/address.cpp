#include <sockets/address.hpp>

#include <vocabulary/endian.hpp>

namespace os::sockets {

namespace {
using vocabulary::Be16;

// linux/in.h
struct SockaddrIn {
    std::uint16_t family;
    Be16 port;
    std::uint8_t address[4];
    std::uint8_t zero[8];
};
static_assert(sizeof(SockaddrIn) == 16);

// linux/in6.h
struct SockaddrIn6 {
    std::uint16_t family;
    Be16 port;
    std::uint8_t flow[4];
    std::uint8_t address[16];
    std::uint32_t scope;
};
static_assert(sizeof(SockaddrIn6) == 28);
constexpr std::size_t k_least_in6 = 24; // the scope came later

constexpr std::uint8_t k_mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

ip_addr_t make_v4(const std::uint8_t (&bytes)[4]) {
    ip_addr_t out{};
    IP_ADDR4(&out, bytes[0], bytes[1], bytes[2], bytes[3]);
    return out;
}

ip_addr_t make_v6(const SockaddrIn6& in) {
    if (__builtin_memcmp(in.address, k_mapped_prefix, sizeof k_mapped_prefix) == 0) {
        std::uint8_t bytes[4];
        __builtin_memcpy(bytes, in.address + 12, 4);
        return make_v4(bytes);
    }
    ip_addr_t out{};
    IP_SET_TYPE_VAL(out, IPADDR_TYPE_V6);
    __builtin_memcpy(ip_2_ip6(&out)->addr, in.address, 16);
    ip6_addr_set_zone(ip_2_ip6(&out), static_cast<u8_t>(in.scope));
    return out;
}
} // namespace

Result<SocketAddress> SocketAddress::from(Bytes bytes) {
    if (bytes.size() > k_most_bytes)
        return Errno::einval;
    SocketAddress out;
    __builtin_memcpy(out.bytes, bytes.data(), bytes.size());
    out.size = static_cast<std::uint32_t>(bytes.size());
    return out;
}

int SocketAddress::family() const {
    if (size < sizeof(std::uint16_t))
        return k_family_unspecified;
    std::uint16_t family = 0;
    __builtin_memcpy(&family, bytes, sizeof family);
    return family;
}

Result<Endpoint> parse_endpoint(const SocketAddress& address, int family) {
    if (family == k_family_inet) {
        if (address.size < sizeof(SockaddrIn))
            return Errno::einval;
        SockaddrIn in;
        __builtin_memcpy(&in, address.bytes, sizeof in);
        if (in.family != k_family_inet)
            return Errno::eafnosupport;
        return Endpoint{make_v4(in.address), in.port};
    }
    if (address.size < k_least_in6)
        return Errno::einval;
    if (address.family() != k_family_inet6)
        return Errno::eafnosupport;
    SockaddrIn6 in{};
    __builtin_memcpy(&in, address.bytes, address.size < sizeof in ? address.size : sizeof in);
    return Endpoint{make_v6(in), in.port};
}

SocketAddress format_endpoint(const Endpoint& endpoint, int family) {
    SocketAddress out;
    const bool is_v4 = IP_IS_V4_VAL(endpoint.address);
    if (family == k_family_inet) {
        SockaddrIn in{};
        in.family = k_family_inet;
        in.port = endpoint.port;
        if (is_v4)
            __builtin_memcpy(in.address, &ip_2_ip4(&endpoint.address)->addr, 4);
        out.size = sizeof in;
        __builtin_memcpy(out.bytes, &in, sizeof in);
        return out;
    }
    SockaddrIn6 in{};
    in.family = k_family_inet6;
    in.port = endpoint.port;
    if (is_v4 && !ip_addr_isany_val(endpoint.address)) {
        __builtin_memcpy(in.address, k_mapped_prefix, sizeof k_mapped_prefix);
        __builtin_memcpy(in.address + 12, &ip_2_ip4(&endpoint.address)->addr, 4);
    } else if (IP_IS_V6_VAL(endpoint.address)) {
        __builtin_memcpy(in.address, ip_2_ip6(&endpoint.address)->addr, 16);
        in.scope = ip6_addr_zone(ip_2_ip6(&endpoint.address));
    }
    out.size = sizeof in;
    __builtin_memcpy(out.bytes, &in, sizeof in);
    return out;
}

void describe_address(const ip_addr_t& address, char* buffer, std::size_t size) {
    ip_addr_t shown = address;
    if (IP_IS_ANY_TYPE_VAL(shown)) // a listener for both
        IP_SET_TYPE_VAL(shown, IPADDR_TYPE_V6);
    if (ipaddr_ntoa_r(&shown, buffer, static_cast<int>(size)) == nullptr)
        buffer[0] = '\0';
}

} // namespace os::sockets
