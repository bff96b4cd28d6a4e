// rtnetlink(7), linux/rtnetlink.h, linux/if_link.h, linux/if_addr.h: RTM_GETLINK, RTM_GETADDR and
// RTM_GETROUTE, as dumps, and the first and the last for one object. What this machine does not
// have (neighbours, rules, namespaces) is EOPNOTSUPP; changes are EPERM, as without CAP_NET_ADMIN.
#include "route.hpp"

#include <lwip/opt.h>

#include <lwip/ip.h>
#include <lwip/stack.hpp>

namespace os::netlink {

namespace {
using lwip::InterfaceInfo;

constexpr std::uint8_t k_inet = 2;
constexpr std::uint8_t k_inet6 = 10;

enum Type : std::uint16_t {
    new_link = 16,
    get_link = 18,
    new_address = 20,
    get_address = 22,
    new_route = 24,
    get_route = 26,
    last_type = 123, // RTM_MAX; from k_first_type on every fourth makes, removes, gets, sets
};
constexpr unsigned k_kind_mask = 3;
constexpr unsigned k_kind_get = 2;

struct LinkPart { // struct ifinfomsg
    std::uint8_t family;
    std::uint8_t padding;
    std::uint16_t hardware; // ARPHRD_
    std::int32_t index;
    std::uint32_t flags; // IFF_
    std::uint32_t change;
};
static_assert(sizeof(LinkPart) == 16);

struct AddressPart { // struct ifaddrmsg
    std::uint8_t family;
    std::uint8_t prefix;
    std::uint8_t flags;
    std::uint8_t scope;
    std::uint32_t index;
};
static_assert(sizeof(AddressPart) == 8);

struct RoutePart { // struct rtmsg
    std::uint8_t family;
    std::uint8_t destination_prefix;
    std::uint8_t source_prefix;
    std::uint8_t type_of_service;
    std::uint8_t table;
    std::uint8_t protocol;
    std::uint8_t scope;
    std::uint8_t type;
    std::uint32_t flags;
};
static_assert(sizeof(RoutePart) == 12);

constexpr std::uint16_t k_link_address = 1;
constexpr std::uint16_t k_link_broadcast = 2;
constexpr std::uint16_t k_link_name = 3;
constexpr std::uint16_t k_link_mtu = 4;
constexpr std::uint16_t k_link_queue_length = 13;
constexpr std::uint16_t k_link_state = 16;
constexpr std::uint16_t k_link_mode = 17;
constexpr std::uint16_t k_link_group = 27;
constexpr std::uint16_t k_link_carrier = 33;

constexpr std::uint16_t k_address_address = 1;
constexpr std::uint16_t k_address_local = 2;
constexpr std::uint16_t k_address_label = 3;
constexpr std::uint16_t k_address_broadcast = 4;
constexpr std::uint16_t k_address_flags = 8;
constexpr std::uint8_t k_permanent = 0x80; // IFA_F_PERMANENT

constexpr std::uint16_t k_route_destination = 1;
constexpr std::uint16_t k_route_interface = 4;
constexpr std::uint16_t k_route_gateway = 5;
constexpr std::uint16_t k_route_source = 7;
constexpr std::uint16_t k_route_table = 15;
constexpr std::uint8_t k_table_main = 254;

enum Scope : std::uint8_t { everywhere = 0, this_link = 253, this_host = 254 };

Bytes bytes_of(const lwip::Ip4Address& address) {
    return address.bytes;
}
Bytes bytes_of(const lwip::Ip6Address& address) {
    return address.bytes;
}

bool is_set(const lwip::Ip4Address& address) {
    return (address.bytes[0] | address.bytes[1] | address.bytes[2] | address.bytes[3]) != 0;
}

std::uint8_t prefix_of(const lwip::Ip4Address& netmask) {
    unsigned bits = 0;
    while (bits < 32 && (netmask.bytes[bits / 8] & (0x80U >> bits % 8)) != 0)
        ++bits;
    return static_cast<std::uint8_t>(bits);
}

lwip::Ip4Address masked(const lwip::Ip4Address& address, const lwip::Ip4Address& netmask) {
    lwip::Ip4Address out;
    for (int i = 0; i < 4; ++i)
        out.bytes[i] = static_cast<std::uint8_t>(address.bytes[i] & netmask.bytes[i]);
    return out;
}

// Calls visit(info) for every interface.
template <typename Visitor>
void for_each_interface(Visitor visit) {
    lwip::for_each_interface(
        [](const InterfaceInfo& info, void* argument) { (*static_cast<Visitor*>(argument))(info); },
        &visit);
}

void tell_link(const InterfaceInfo& info, std::uint16_t flags, Answer& out) {
    constexpr std::uint32_t k_lower_up = 0x10000;
    constexpr std::uint16_t k_loopback_hardware = 772;
    LinkPart part{};
    part.hardware = info.loopback ? k_loopback_hardware : 1;
    part.index = static_cast<std::int32_t>(info.index);
    part.flags = lwip::flags_of(info) | (info.link_up || info.loopback ? k_lower_up : 0);
    const std::uint8_t state = info.loopback ? 0 : info.link_up ? 6 : 2; // IF_OPER_…
    out.begin(new_link, flags, part);
    out.add_text(k_link_name, info.name);
    out.add_value(k_link_queue_length, std::uint32_t{1000});
    out.add_value(k_link_state, state);
    out.add_value(k_link_mode, std::uint8_t{0});
    out.add_value(k_link_mtu, std::uint32_t{info.mtu});
    out.add_value(k_link_group, std::uint32_t{0});
    out.add_value(k_link_carrier, std::uint8_t{info.link_up || info.loopback});
    constexpr std::uint8_t k_everybody[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    constexpr std::uint8_t k_nobody[6] = {};
    out.add(k_link_address, info.mac);
    out.add(k_link_broadcast, info.loopback ? k_nobody : k_everybody);
    out.end();
}

void dump_links(const Request&, Answer& out) {
    for_each_interface([&out](const InterfaceInfo& info) { tell_link(info, k_flag_multi, out); });
}

// The interface that a RTM_GETLINK without NLM_F_DUMP names by index or name.
void get_one_link(const Request& request, Answer& out) {
    const auto part = request.fixed<LinkPart>();
    const Bytes name = request.attribute(sizeof part, k_link_name);
    if (part.index <= 0 && name.empty())
        return out.error(Errno::einval);
    bool found = false;
    for_each_interface([&](const InterfaceInfo& info) {
        const StringView shown(info.name);
        const StringView wanted(reinterpret_cast<const char*>(name.data()), name.size());
        const bool matches = part.index > 0 ? info.index == static_cast<std::uint32_t>(part.index)
                                            : wanted.part(0, wanted.find('\0')) == shown;
        if (!matches || found)
            return;
        found = true;
        tell_link(info, 0, out);
    });
    if (!found)
        out.error(Errno::enodev);
}

void tell_address4(const InterfaceInfo& info, Answer& out) {
    AddressPart part{};
    part.family = k_inet;
    part.prefix = prefix_of(info.netmask);
    part.flags = k_permanent;
    part.scope = info.loopback ? this_host : everywhere;
    part.index = info.index;
    out.begin(new_address, k_flag_multi, part);
    out.add(k_address_address, bytes_of(info.address));
    out.add(k_address_local, bytes_of(info.address));
    if (!info.loopback) {
        lwip::Ip4Address broadcast = info.address;
        for (int i = 0; i < 4; ++i)
            broadcast.bytes[i] =
                static_cast<std::uint8_t>(broadcast.bytes[i] | ~info.netmask.bytes[i]);
        out.add(k_address_broadcast, bytes_of(broadcast));
    }
    out.add_text(k_address_label, info.name);
    out.add_value(k_address_flags, std::uint32_t{k_permanent});
    out.end();
}

bool is_link_local(const lwip::Ip6Address& address) {
    return address.bytes[0] == 0xfe && (address.bytes[1] & 0xc0) == 0x80;
}

void tell_address6(const InterfaceInfo& info, const lwip::Ip6Address& address, Answer& out) {
    AddressPart part{};
    part.family = k_inet6;
    part.prefix = static_cast<std::uint8_t>(address.prefix);
    part.flags = k_permanent;
    part.scope = info.loopback ? this_host : is_link_local(address) ? this_link : everywhere;
    part.index = info.index;
    out.begin(new_address, k_flag_multi, part);
    out.add(k_address_address, bytes_of(address));
    out.add_value(k_address_flags, std::uint32_t{k_permanent});
    out.end();
}

bool wants(const Request& request, std::uint8_t family) {
    const auto wanted = request.fixed<std::uint8_t>();
    return wanted == 0 || wanted == family;
}

void dump_addresses(const Request& request, Answer& out) {
    if (wants(request, k_inet))
        for_each_interface([&out](const InterfaceInfo& info) {
            if (is_set(info.address))
                tell_address4(info, out);
        });
    if (wants(request, k_inet6))
        for_each_interface([&out](const InterfaceInfo& info) {
            for (unsigned i = 0; i < info.address6_count; ++i)
                tell_address6(info, info.addresses6[i], out);
        });
}

struct Route {
    std::uint8_t family;
    Bytes destination; // empty: the default route
    std::uint8_t prefix;
    Bytes gateway; // empty: on the link
    Bytes source;
    std::uint32_t interface;
    std::uint8_t scope;
};

void tell_route(const Route& route, std::uint16_t flags, Answer& out) {
    constexpr std::uint8_t k_by_kernel = 2; // RTPROT_KERNEL
    constexpr std::uint8_t k_by_boot = 3;   // RTPROT_BOOT
    constexpr std::uint8_t k_unicast = 1;
    RoutePart part{};
    part.family = route.family;
    part.destination_prefix = route.prefix;
    part.table = k_table_main;
    part.protocol = route.gateway.empty() ? k_by_kernel : k_by_boot;
    part.scope = route.scope;
    part.type = k_unicast;
    out.begin(new_route, flags, part);
    out.add_value(k_route_table, std::uint32_t{k_table_main});
    if (!route.destination.empty())
        out.add(k_route_destination, route.destination);
    if (!route.gateway.empty())
        out.add(k_route_gateway, route.gateway);
    if (!route.source.empty())
        out.add(k_route_source, route.source);
    out.add_value(k_route_interface, route.interface);
    out.end();
}

void tell_routes4(const InterfaceInfo& info, Answer& out) {
    if (info.loopback || !is_set(info.address))
        return;
    if (is_set(info.gateway))
        tell_route({k_inet, {}, 0, bytes_of(info.gateway), {}, info.index, everywhere},
                   k_flag_multi, out);
    const lwip::Ip4Address network = masked(info.address, info.netmask);
    tell_route({k_inet,
                bytes_of(network),
                prefix_of(info.netmask),
                {},
                bytes_of(info.address),
                info.index,
                this_link},
               k_flag_multi, out);
}

void tell_routes6(const InterfaceInfo& info, Answer& out) {
    for (unsigned i = 0; i < info.address6_count; ++i) {
        lwip::Ip6Address network = info.addresses6[i];
        for (unsigned byte = network.prefix / 8; byte < 16; ++byte) // prefixes of whole bytes
            network.bytes[byte] = 0;
        tell_route({k_inet6,
                    bytes_of(network),
                    static_cast<std::uint8_t>(network.prefix),
                    {},
                    {},
                    info.index,
                    everywhere},
                   k_flag_multi, out);
    }
    if (info.has_gateway6)
        tell_route({k_inet6, {}, 0, bytes_of(info.gateway6), {}, info.index, everywhere},
                   k_flag_multi, out);
}

void dump_routes(const Request& request, Answer& out) {
    if (wants(request, k_inet))
        for_each_interface([&out](const InterfaceInfo& info) { tell_routes4(info, out); });
    if (wants(request, k_inet6))
        for_each_interface([&out](const InterfaceInfo& info) { tell_routes6(info, out); });
}

// Which way a packet to RTA_DST would go.
void get_one_route(const Request& request, Answer& out) {
    const auto part = request.fixed<RoutePart>();
    const Bytes wanted = request.attribute(sizeof part, k_route_destination);
    const bool four = part.family == k_inet;
    if ((!four && part.family != k_inet6) || wanted.size() != (four ? 4U : 16U))
        return out.error(Errno::einval);
    ip_addr_t destination{};
    IP_SET_TYPE_VAL(destination, four ? IPADDR_TYPE_V4 : IPADDR_TYPE_V6);
    if (four)
        __builtin_memcpy(&ip_2_ip4(&destination)->addr, wanted.data(), 4);
    else
        __builtin_memcpy(ip_2_ip6(&destination)->addr, wanted.data(), 16);
    netif* through = ip_route(&destination, &destination);
    if (through == nullptr)
        return out.error(Errno::enetunreach);
    const ip_addr_t* source = ip_netif_get_local_ip(through, &destination);
    Bytes source_bytes;
    if (source != nullptr)
        source_bytes = {reinterpret_cast<const std::uint8_t*>(
                            four ? static_cast<const void*>(&ip_2_ip4(source)->addr)
                                 : static_cast<const void*>(ip_2_ip6(source)->addr)),
                        wanted.size()};
    for_each_interface([&](const InterfaceInfo& info) {
        if (info.index != netif_get_index(through))
            return;
        const bool near = info.loopback || !four || !is_set(info.gateway) ||
                          ip4_addr_netcmp(ip_2_ip4(&destination), netif_ip4_addr(through),
                                          netif_ip4_netmask(through));
        tell_route({part.family, wanted, static_cast<std::uint8_t>(wanted.size() * 8),
                    near ? Bytes{} : bytes_of(info.gateway), source_bytes, info.index, everywhere},
                   0, out);
    });
}

struct Handler {
    std::uint16_t type;
    void (*dump)(const Request&, Answer&);
    void (*get)(const Request&, Answer&); // null: only dumps
};
constexpr Handler k_handlers[] = {
    {get_link, dump_links, get_one_link},
    {get_address, dump_addresses, nullptr},
    {get_route, dump_routes, get_one_route},
};
} // namespace

void answer(const Request& request, Answer& out) {
    const std::uint16_t type = request.header.type;
    if (type > last_type)
        return out.error(Errno::eopnotsupp);
    if (request.body.empty()) // not even a family: ignored
        return (request.header.flags & k_flag_acknowledge) != 0 ? out.error(Errno{}) : void();
    if ((type & k_kind_mask) != k_kind_get)
        return out.error(Errno::eperm);
    for (const Handler& handler : k_handlers) {
        if (handler.type != type)
            continue;
        if (request.dumps()) {
            handler.dump(request, out);
            return out.done();
        }
        if (handler.get == nullptr)
            break;
        handler.get(request, out);
        if ((request.header.flags & k_flag_acknowledge) != 0)
            out.error(Errno{});
        return;
    }
    out.error(Errno::eopnotsupp);
}

} // namespace os::netlink
