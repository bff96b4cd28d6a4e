#include <sockets/options.hpp>

namespace os::sockets {

namespace {
constexpr unsigned k_tcp = static_cast<unsigned>(Protocol::tcp);
constexpr unsigned k_udp = static_cast<unsigned>(Protocol::udp);

constexpr std::int32_t k_most = INT32_MAX;
constexpr OptionValue k_switch{OptionValue::Kind::on_off, 0, 1, 0};
constexpr OptionValue k_any{OptionValue::Kind::number, INT32_MIN, k_most, 0};
constexpr OptionValue k_read_only{OptionValue::Kind::read_only, 0, 0, 0};
constexpr OptionValue from(std::int32_t least, std::int32_t most) {
    return {OptionValue::Kind::number, least, most, 0};
}
// -1 stands for the kernel's own choice.
constexpr OptionValue or_default(std::int32_t least, std::int32_t most, std::int32_t initial) {
    return {OptionValue::Kind::number_or_default, least, most, initial};
}

// Level, name, value of a new socket, who has it, what it may be set to. Options without effect
// here (routing marks, busy polling, fast open and the like: hints, which Linux need not follow
// either) are accepted where programs set them without need.
constexpr IntegerOption k_options[] = {
    {k_level_socket, 1 /* SO_DEBUG */, 0, k_all_protocols, k_switch},
    {k_level_socket, 2 /* SO_REUSEADDR */, 0, k_all_protocols, k_switch},
    {k_level_socket, 5 /* SO_DONTROUTE */, 0, k_all_protocols, k_switch},
    {k_level_socket, 6 /* SO_BROADCAST */, 0, k_all_protocols, k_switch},
    {k_level_socket, 7 /* SO_SNDBUF */, 212992, k_all_protocols, k_any},
    {k_level_socket, 8 /* SO_RCVBUF */, 212992, k_all_protocols, k_any},
    {k_level_socket, 9 /* SO_KEEPALIVE */, 0, k_all_protocols, k_switch},
    {k_level_socket, 10 /* SO_OOBINLINE */, 0, k_all_protocols, k_switch},
    {k_level_socket, 11 /* SO_NO_CHECK */, 0, k_all_protocols, k_switch},
    {k_level_socket, 12 /* SO_PRIORITY */, 0, k_all_protocols, k_any},
    {k_level_socket, 15 /* SO_REUSEPORT */, 0, k_all_protocols, k_switch},
    {k_level_socket, 16 /* SO_PASSCRED */, 0, k_all_protocols, k_switch},
    {k_level_socket, 18 /* SO_RCVLOWAT */, 1, k_all_protocols, k_any},
    {k_level_socket, 19 /* SO_SNDLOWAT */, 1, k_all_protocols, k_read_only},
    {k_level_socket, 29 /* SO_TIMESTAMP */, 0, k_all_protocols, k_switch},
    {k_level_socket, 34 /* SO_PASSSEC */, 0, k_all_protocols, k_switch},
    {k_level_socket, 35 /* SO_TIMESTAMPNS */, 0, k_all_protocols, k_switch},
    {k_level_socket, 36 /* SO_MARK */, 0, k_all_protocols, k_any},
    {k_level_socket, 40 /* SO_RXQ_OVFL */, 0, k_all_protocols, k_switch},
    {k_level_socket, 46 /* SO_BUSY_POLL */, 0, k_all_protocols, from(0, k_most)},
    {k_level_socket, 49 /* SO_INCOMING_CPU */, -1, k_all_protocols, k_any},
    {k_level_socket, 56 /* SO_INCOMING_NAPI_ID */, 0, k_all_protocols, k_read_only},
    {k_level_ip, 1 /* IP_TOS */, 0, k_inet_protocols, k_any},
    {k_level_ip, 2 /* IP_TTL */, 64, k_inet_protocols, or_default(1, 255, 64)},
    {k_level_ip, 8 /* IP_PKTINFO */, 0, k_inet_protocols, k_switch},
    {k_level_ip, 10 /* IP_MTU_DISCOVER */, 1, k_inet_protocols, from(0, 5)},
    {k_level_ip, 11 /* IP_RECVERR */, 0, k_inet_protocols, k_switch},
    {k_level_ip, 12 /* IP_RECVTTL */, 0, k_inet_protocols, k_switch},
    {k_level_ip, 13 /* IP_RECVTOS */, 0, k_inet_protocols, k_switch},
    {k_level_ip, 15 /* IP_FREEBIND */, 0, k_inet_protocols, k_switch},
    {k_level_ip, 21 /* IP_MINTTL */, 0, k_inet_protocols, from(0, 255)},
    {k_level_ip, 24 /* IP_BIND_ADDRESS_NO_PORT */, 0, k_inet_protocols, k_switch},
    {k_level_ip, 33 /* IP_MULTICAST_TTL */, 1, k_inet_protocols, or_default(0, 255, 1)},
    {k_level_ip, 34 /* IP_MULTICAST_LOOP */, 1, k_inet_protocols, k_switch},
    {k_level_ip, 49 /* IP_MULTICAST_ALL */, 1, k_inet_protocols, from(0, 1)},
    {k_level_ipv6, 16 /* IPV6_UNICAST_HOPS */, 64, k_inet_protocols, or_default(0, 255, 64)},
    {k_level_ipv6, 18 /* IPV6_MULTICAST_HOPS */, 1, k_inet_protocols, or_default(0, 255, 1)},
    {k_level_ipv6, 19 /* IPV6_MULTICAST_LOOP */, 1, k_inet_protocols, from(0, 1)},
    {k_level_ipv6, 23 /* IPV6_MTU_DISCOVER */, 1, k_inet_protocols, from(0, 5)},
    {k_level_ipv6, 25 /* IPV6_RECVERR */, 0, k_inet_protocols, k_switch},
    {k_level_ipv6, 26 /* IPV6_V6ONLY */, 0, k_inet_protocols, k_switch},
    {k_level_ipv6, 49 /* IPV6_RECVPKTINFO */, 0, k_inet_protocols, k_switch},
    {k_level_ipv6, 51 /* IPV6_RECVHOPLIMIT */, 0, k_inet_protocols, k_switch},
    {k_level_ipv6, 62 /* IPV6_DONTFRAG */, 0, k_inet_protocols, k_switch},
    {k_level_ipv6, 66 /* IPV6_RECVTCLASS */, 0, k_inet_protocols, k_switch},
    {k_level_ipv6, 67 /* IPV6_TCLASS */, 0, k_inet_protocols, or_default(0, 255, 0)},
    {k_level_tcp, 1 /* TCP_NODELAY */, 0, k_tcp, k_switch},
    {k_level_tcp, 2 /* TCP_MAXSEG */, 536, k_tcp, from(88, 32767)},
    {k_level_tcp, 3 /* TCP_CORK */, 0, k_tcp, k_switch},
    {k_level_tcp, 4 /* TCP_KEEPIDLE */, 7200, k_tcp, from(1, 32767)},
    {k_level_tcp, 5 /* TCP_KEEPINTVL */, 75, k_tcp, from(1, 32767)},
    {k_level_tcp, 6 /* TCP_KEEPCNT */, 9, k_tcp, from(1, 127)},
    {k_level_tcp, 7 /* TCP_SYNCNT */, 6, k_tcp, from(1, 127)},
    {k_level_tcp, 8 /* TCP_LINGER2 */, 60, k_tcp, k_any},
    {k_level_tcp, 9 /* TCP_DEFER_ACCEPT */, 0, k_tcp, k_any},
    {k_level_tcp, 10 /* TCP_WINDOW_CLAMP */, 0, k_tcp, k_any},
    {k_level_tcp, 12 /* TCP_QUICKACK */, 1, k_tcp, k_switch},
    {k_level_tcp, 18 /* TCP_USER_TIMEOUT */, 0, k_tcp, from(0, k_most)},
    {k_level_tcp, 23 /* TCP_FASTOPEN */, 0, k_tcp, from(0, k_most)},
    {k_level_tcp, 25 /* TCP_NOTSENT_LOWAT */, 0, k_tcp, k_any},
    {k_level_udp, 1 /* UDP_CORK */, 0, k_udp, k_switch},
};
static_assert(sizeof k_options / sizeof k_options[0] <= k_most_integer_options);

// The index in the table, or -1.
int find(int level, int name) {
    int index = 0;
    for (const IntegerOption& option : k_options) {
        if (option.level == level && option.name == name)
            return index;
        ++index;
    }
    return -1;
}

Result<int> find_for(Protocol protocol, int level, int name) {
    const int index = find(level, name);
    if (index < 0 || (k_options[index].protocols & static_cast<unsigned>(protocol)) == 0)
        return Errno::enoprotoopt;
    return index;
}
} // namespace

Span<const IntegerOption> integer_options() {
    return k_options;
}

OptionValues::OptionValues() {
    int index = 0;
    for (const IntegerOption& option : k_options)
        values_[index++] = option.initial;
}

Result<std::int32_t> OptionValues::get(Protocol protocol, int level, int name) const {
    return values_[UNIK_TRY(find_for(protocol, level, name))];
}

Result<std::int32_t> OptionValues::set(Protocol protocol, int level, int name, std::int32_t value) {
    const int index = UNIK_TRY(find_for(protocol, level, name));
    const OptionValue& allowed = k_options[index].value;
    switch (allowed.kind) {
    case OptionValue::Kind::on_off: value = value != 0 ? 1 : 0; break;
    case OptionValue::Kind::read_only: return Errno::enoprotoopt;
    case OptionValue::Kind::number_or_default:
        if (value == -1)
            value = allowed.standard;
        [[fallthrough]];
    case OptionValue::Kind::number:
        if (value < allowed.least || value > allowed.most)
            return Errno::einval;
        break;
    }
    values_[index] = value;
    return value;
}

std::int32_t OptionValues::known(int level, int name) const {
    const int index = find(level, name);
    UNIK_ASSERT(index >= 0);
    return values_[index];
}

std::int32_t OptionValues::operator()(SocketOption option) const {
    return known(k_level_socket, static_cast<int>(option));
}
std::int32_t OptionValues::operator()(IpOption option) const {
    return known(k_level_ip, static_cast<int>(option));
}
std::int32_t OptionValues::operator()(Ip6Option option) const {
    return known(k_level_ipv6, static_cast<int>(option));
}
std::int32_t OptionValues::operator()(TcpOption option) const {
    return known(k_level_tcp, static_cast<int>(option));
}

} // namespace os::sockets
