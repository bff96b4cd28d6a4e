// The options of UDP: multicast groups, and what is told of datagrams.
#include <lwip/igmp.h>
#include <lwip/mld6.h>

#include "udp_socket.hpp"

namespace os::sockets {

namespace {
constexpr std::size_t k_most_memberships = 64;

struct Ip4Membership { // struct ip_mreqn; the last member may be left out
    std::uint8_t group[4];
    std::uint8_t address[4];
    std::int32_t interface;
};
constexpr std::size_t k_least_ip4_membership = 8;

struct Ip6Membership { // struct ipv6_mreq
    std::uint8_t group[16];
    std::uint32_t interface;
};

ip4_addr_t address4(const std::uint8_t (&bytes)[4]) {
    ip4_addr_t out{};
    __builtin_memcpy(&out.addr, bytes, sizeof bytes);
    return out;
}

unsigned interface_with(const ip4_addr_t& address) {
    for (netif* interface = netif_list; interface != nullptr; interface = interface->next)
        if (ip4_addr_cmp(netif_ip4_addr(interface), &address))
            return netif_get_index(interface);
    return 0;
}

netif* interface_at(std::int64_t index) {
    return index > 0 && index <= UINT8_MAX ? netif_get_by_index(static_cast<u8_t>(index)) : nullptr;
}

template <typename T>
std::size_t store(const T& value, MutableBytes out) {
    const std::size_t size = out.size() < sizeof value ? out.size() : sizeof value;
    __builtin_memcpy(out.data(), &value, size);
    return size;
}

template <typename Option>
constexpr int number(Option option) {
    return static_cast<int>(option);
}

err_t for_group(const ip_addr_t& group, unsigned index, bool joins) {
    netif* interface = interface_at(index);
    if (IP_IS_V6_VAL(group)) {
        const ip6_addr_t* address = ip_2_ip6(&group);
        if (interface != nullptr)
            return joins ? mld6_joingroup_netif(interface, address)
                         : mld6_leavegroup_netif(interface, address);
        return joins ? mld6_joingroup(IP6_ADDR_ANY6, address)
                     : mld6_leavegroup(IP6_ADDR_ANY6, address);
    }
    const ip4_addr_t* address = ip_2_ip4(&group);
    if (interface != nullptr && !ip4_addr_isloopback(netif_ip4_addr(interface)))
        return joins ? igmp_joingroup_netif(interface, address)
                     : igmp_leavegroup_netif(interface, address);
    return joins ? igmp_joingroup(IP4_ADDR_ANY4, address) : igmp_leavegroup(IP4_ADDR_ANY4, address);
}
} // namespace

Result<void> UdpSocket::join(const Membership& membership) {
    for (const Membership& other : memberships_)
        if (ip_addr_cmp(&other.group, &membership.group) && other.interface == membership.interface)
            return Errno::eaddrinuse;
    if (memberships_.size() >= k_most_memberships)
        return Errno::enobufs;
    UNIK_TRY(memberships_.push(membership));
    if (for_group(membership.group, membership.interface, true) == ERR_OK)
        return {};
    memberships_.pop();
    return Errno::enodev;
}

Result<void> UdpSocket::leave(const Membership& membership) {
    for (std::size_t i = 0; i < memberships_.size(); ++i) {
        const Membership found = memberships_[i];
        if (!ip_addr_cmp(&found.group, &membership.group) ||
            (membership.interface != 0 && found.interface != membership.interface))
            continue;
        memberships_.erase(i);
        (void)for_group(found.group, found.interface, false);
        return {};
    }
    return Errno::eaddrnotavail;
}

Result<void> UdpSocket::change_multicast(int level, int name, Bytes value) {
    Membership membership;
    if (level == k_level_ip) {
        Ip4Membership in{};
        if (value.size() < k_least_ip4_membership)
            return Errno::einval;
        __builtin_memcpy(&in, value.data(), value.size() < sizeof in ? value.size() : sizeof in);
        const ip4_addr_t group = address4(in.group);
        const ip4_addr_t address = address4(in.address);
        if (!ip4_addr_ismulticast(&group))
            return Errno::einval;
        ip_addr_copy_from_ip4(membership.group, group);
        membership.interface = in.interface > 0              ? static_cast<unsigned>(in.interface)
                               : ip4_addr_isany_val(address) ? 0
                                                             : interface_with(address);
        if (in.interface <= 0 && !ip4_addr_isany_val(address) && membership.interface == 0)
            return Errno::enodev;
    } else {
        Ip6Membership in{};
        if (value.size() < sizeof in)
            return Errno::einval;
        __builtin_memcpy(&in, value.data(), sizeof in);
        IP_SET_TYPE_VAL(membership.group, IPADDR_TYPE_V6);
        __builtin_memcpy(ip_2_ip6(&membership.group)->addr, in.group, sizeof in.group);
        if (!ip6_addr_ismulticast(ip_2_ip6(&membership.group)))
            return Errno::einval;
        membership.interface = in.interface;
    }
    if (membership.interface != 0 && interface_at(membership.interface) == nullptr)
        return Errno::enodev;
    const bool joins = level == k_level_ip ? name == number(IpOption::add_membership)
                                           : name == number(Ip6Option::join_group);
    return joins ? join(membership) : leave(membership);
}

Result<void> UdpSocket::set_special(int level, int name, Bytes value) {
    const bool changes4 = level == k_level_ip && (name == number(IpOption::add_membership) ||
                                                  name == number(IpOption::drop_membership));
    const bool changes6 = level == k_level_ipv6 && (name == number(Ip6Option::join_group) ||
                                                    name == number(Ip6Option::leave_group));
    if (changes4 || changes6)
        return change_multicast(level, name, value);
    if (level == k_level_ip && name == number(IpOption::multicast_interface)) {
        // An address, or a membership's form with an index.
        Ip4Membership in{};
        if (value.size() < sizeof in.group)
            return Errno::einval;
        if (value.size() < k_least_ip4_membership)
            __builtin_memcpy(in.address, value.data(), sizeof in.address);
        else
            __builtin_memcpy(&in, value.data(),
                             value.size() < sizeof in ? value.size() : sizeof in);
        const ip4_addr_t address = address4(in.address);
        const bool unset = ip4_addr_isany_val(address) && in.interface == 0;
        const unsigned index =
            in.interface > 0 ? static_cast<unsigned>(in.interface) : interface_with(address);
        if (!unset && interface_at(index) == nullptr)
            return Errno::eaddrnotavail;
        udp_set_multicast_netif_index(pcb_, unset ? u8_t{0} : static_cast<u8_t>(index));
        return {};
    }
    if (level == k_level_ipv6 && name == number(Ip6Option::multicast_interface)) {
        std::int32_t index = 0;
        if (value.size() < sizeof index)
            return Errno::einval;
        __builtin_memcpy(&index, value.data(), sizeof index);
        if (index != 0 && interface_at(index) == nullptr)
            return Errno::enodev;
        udp_set_multicast_netif_index(pcb_, static_cast<u8_t>(index));
        return {};
    }
    return Errno::enoprotoopt;
}

Result<std::size_t> UdpSocket::get_special(int level, int name, MutableBytes out) {
    const bool mtu = (level == k_level_ip && name == number(IpOption::path_mtu)) ||
                     (level == k_level_ipv6 && name == number(Ip6Option::path_mtu));
    if (mtu)
        return connected_ ? Result<std::size_t>(store(mtu_towards(pcb_->remote_ip), out))
                          : Errno::enotconn;
    if (level == k_level_ip && name == number(IpOption::multicast_interface)) {
        const netif* interface = interface_at(udp_get_multicast_netif_index(pcb_));
        return store(interface == nullptr ? u32_t{0} : netif_ip4_addr(interface)->addr, out);
    }
    if (level == k_level_ipv6 && name == number(Ip6Option::multicast_interface))
        return store(std::int32_t{udp_get_multicast_netif_index(pcb_)}, out);
    return Errno::enoprotoopt;
}

void UdpSocket::option_changed(int, int, std::int32_t) {
    if (options_(SocketOption::reuse_address) != 0 || options_(SocketOption::reuse_port) != 0)
        ip_set_option(pcb_, SOF_REUSEADDR);
    else
        ip_reset_option(pcb_, SOF_REUSEADDR);
    pcb_->ttl = static_cast<u8_t>(options_(IpOption::time_to_live));
    pcb_->tos = static_cast<u8_t>(options_(IpOption::type_of_service));
    udp_set_multicast_ttl(pcb_, static_cast<u8_t>(options_(IpOption::multicast_ttl)));
    if (options_(IpOption::multicast_loop) != 0)
        udp_set_flags(pcb_, UDP_FLAGS_MULTICAST_LOOP);
    else
        udp_clear_flags(pcb_, UDP_FLAGS_MULTICAST_LOOP);
}

bool UdpSocket::wants_time() const {
    return options_(SocketOption::timestamp) != 0 ||
           options_(SocketOption::timestamp_nanoseconds) != 0;
}

void UdpSocket::describe_facts(const Datagram& datagram, ReceiveRequest& request) const {
    const bool four = family() == k_family_inet;
    DatagramFacts& facts = request.facts;
    if (four ? options_(IpOption::receive_time_to_live) != 0
             : options_(Ip6Option::receive_hop_limit) != 0)
        facts.time_to_live = datagram.time_to_live;
    if (four ? options_(IpOption::receive_type_of_service) != 0
             : options_(Ip6Option::receive_traffic_class) != 0)
        facts.type_of_service = datagram.type_of_service;
    facts.has_time = wants_time();
    facts.time = datagram.time.value != 0 ? datagram.time : clock::realtime();
    if (options_(SocketOption::timestamp_nanoseconds) != 0)
        facts.format = DatagramFacts::TimeFormat::nanoseconds;
}

} // namespace os::sockets
