#include "inet.hpp"

#include <control/control.hpp>

#include <lwip/ip.h>
#include <lwip/netif.h>

namespace os::sockets {

namespace {
struct Translation {
    err_t lwip;
    Errno linux_error;
};
constexpr Translation k_translations[] = {
    {ERR_MEM, Errno::enomem},
    {ERR_BUF, Errno::enobufs},
    {ERR_TIMEOUT, Errno::etimedout},
    {ERR_RTE, Errno::enetunreach},
    {ERR_INPROGRESS, Errno::einprogress},
    {ERR_VAL, Errno::einval},
    {ERR_WOULDBLOCK, Errno::eagain},
    {ERR_USE, Errno::eaddrinuse},
    {ERR_ALREADY, Errno::ealready},
    {ERR_ISCONN, Errno::eisconn},
    {ERR_CONN, Errno::enotconn},
    {ERR_IF, Errno::enetdown},
    {ERR_ABRT, Errno::etimedout},
    {ERR_RST, Errno::econnreset},
    {ERR_CLSD, Errno::enotconn},
    {ERR_ARG, Errno::einval},
};
} // namespace

Errno errno_of(err_t error) {
    for (const Translation& translation : k_translations)
        if (translation.lwip == error)
            return translation.linux_error;
    return Errno::eio;
}

ip_addr_t bind_address(const Endpoint& endpoint, int family, OnlyV6 only_v6) {
    if (family == k_family_inet6 && ip_addr_isany_val(endpoint.address) && only_v6 == OnlyV6::no &&
        !IP_IS_V4_VAL(endpoint.address))
        return *IP_ANY_TYPE;
    return endpoint.address;
}

bool is_local(const ip_addr_t& address) {
    if (ip_addr_isany_val(address))
        return true;
    const bool multicast = IP_IS_V4_VAL(address) ? ip4_addr_ismulticast(ip_2_ip4(&address))
                                                 : ip6_addr_ismulticast(ip_2_ip6(&address));
    if (multicast)
        return true;
    if (IP_IS_V4_VAL(address) && ip4_addr_isloopback(ip_2_ip4(&address)))
        return true;
    for (netif* interface = netif_list; interface != nullptr; interface = interface->next) {
        if (IP_IS_V4_VAL(address)) {
            if (ip4_addr_cmp(netif_ip4_addr(interface), ip_2_ip4(&address)))
                return true;
        } else if (netif_get_ip6_addr_match(interface, ip_2_ip6(&address)) >= 0) {
            return true;
        }
    }
    return false;
}

ip_addr_t destination_of(const ip_addr_t& address) {
    if (!ip_addr_isany_val(address))
        return address;
    ip_addr_t loopback{};
    if (IP_IS_V6_VAL(address)) {
        IP_SET_TYPE_VAL(loopback, IPADDR_TYPE_V6);
        ip6_addr_set_loopback(ip_2_ip6(&loopback));
    } else {
        IP_ADDR4(&loopback, 127, 0, 0, 1);
    }
    return loopback;
}

std::int32_t mtu_towards(const ip_addr_t& address) {
    constexpr std::int32_t k_loopback_mtu = 65536;
    constexpr std::int32_t k_ethernet_mtu = 1500;
    const netif* way = ip_route(&address, &address);
    if (way == nullptr)
        return k_ethernet_mtu;
    return way->mtu == 0 ? k_loopback_mtu : way->mtu;
}

void announce(const char* protocol, const ip_addr_t& address, std::uint16_t port) {
    char text[48];
    describe_address(address, text, sizeof text);
    control::Event("listen")
        .text("protocol", protocol)
        .text("address", text)
        .number("port", port)
        .send();
}

} // namespace os::sockets
