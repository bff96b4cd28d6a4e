// What the stack knows of the network, for the rest of the kernel.
#include <foundation/format.hpp>

#include <lwip/opt.h>

#include <arch/hooks.h>
#include <lwip/dns.h>
#include <lwip/netif.h>
#include <lwip/priv/nd6_priv.h>
#include <lwip/stack.hpp>

#include "interface.hpp"

namespace os::lwip {

namespace {
constinit char g_name_servers[k_most_name_servers][48] = {};

Ip4Address copy4(const ip4_addr_t* address) {
    Ip4Address out;
    __builtin_memcpy(out.bytes, &address->addr, 4);
    return out;
}

void describe_router6(netif& interface, InterfaceInfo& info) {
    const ip6_addr_t* router = info.loopback ? nullptr : unik_lwip_ip6_gateway();
    for (int i = 0; i < LWIP_ND6_NUM_ROUTERS && router == nullptr && !info.loopback; ++i) {
        const nd6_neighbor_cache_entry* neighbor = default_router_list[i].neighbor_entry;
        if (neighbor != nullptr && neighbor->netif == &interface)
            router = &neighbor->next_hop_address;
    }
    info.has_gateway6 = router != nullptr;
    if (router != nullptr)
        __builtin_memcpy(info.gateway6.bytes, router->addr, sizeof info.gateway6.bytes);
}

InterfaceInfo describe(netif& interface) {
    InterfaceInfo info;
    info.index = netif_get_index(&interface);
    info.loopback = interface.name[0] == 'l';
    if (info.loopback) {
        format(info.name, sizeof info.name, "lo");
        info.mtu = 65536;
    } else {
        format(info.name, sizeof info.name, "%s", Interface::of(interface).device().name());
        info.mtu = interface.mtu;
        __builtin_memcpy(info.mac, interface.hwaddr, 6);
    }
    info.up = netif_is_up(&interface) != 0;
    info.link_up = netif_is_link_up(&interface) != 0;
    info.address = copy4(netif_ip4_addr(&interface));
    info.netmask = copy4(netif_ip4_netmask(&interface));
    info.gateway = copy4(netif_ip4_gw(&interface));
    for (s8_t i = 0; i < LWIP_IPV6_NUM_ADDRESSES; ++i) {
        if (!ip6_addr_isvalid(netif_ip6_addr_state(&interface, i)))
            continue;
        Ip6Address& out = info.addresses6[info.address6_count++];
        __builtin_memcpy(out.bytes, netif_ip6_addr(&interface, i)->addr, 16);
        out.prefix = info.loopback ? 128 : 64;
    }
    describe_router6(interface, info);
    return info;
}
} // namespace

std::uint16_t flags_of(const InterfaceInfo& info) {
    constexpr std::uint16_t k_up = 0x1;
    constexpr std::uint16_t k_broadcast = 0x2;
    constexpr std::uint16_t k_loopback = 0x8;
    constexpr std::uint16_t k_running = 0x40;
    constexpr std::uint16_t k_multicast = 0x1000;
    std::uint16_t flags = info.loopback ? k_loopback : k_broadcast | k_multicast;
    if (info.up)
        flags |= k_up;
    if (info.link_up || info.loopback)
        flags |= k_running;
    return flags;
}

void for_each_interface(void (*visit)(const InterfaceInfo&, void*), void* argument) {
    // The loopback interface has the first index; lwIP's list runs from the newest to the oldest.
    for (unsigned index = 1; index <= 255; ++index) {
        netif* interface = netif_get_by_index(static_cast<u8_t>(index));
        if (interface == nullptr)
            break;
        visit(describe(*interface), argument);
    }
}

StringView name_server(unsigned index) {
    return index < k_most_name_servers ? StringView(g_name_servers[index]) : StringView();
}

} // namespace os::lwip

// In the place of lwIP's own resolver, which is not linked.
void dns_init() {}

void dns_setserver(uint8_t index, const ip_addr_t* server) {
    using namespace os::lwip;
    if (index < k_most_name_servers && server != nullptr)
        ipaddr_ntoa_r(server, g_name_servers[index], sizeof g_name_servers[index]);
}
