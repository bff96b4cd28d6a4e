#include <sockets/socket.hpp>

#include "tcp_socket.hpp"
#include "udp_socket.hpp"
#include "unix_socket.hpp"

namespace os::sockets {

namespace {
constinit CreateSocket g_create_netlink = nullptr;

Result<Ref<Socket>> create_inet(int family, int type, int protocol, std::uint32_t flags) {
    if (type == k_type_stream) {
        if (protocol != 0 && protocol != k_level_tcp)
            return Errno::eprotonosupport;
        return Ref<Socket>(UNIK_TRY(try_make_ref<TcpSocket>(family, flags, nullptr)));
    }
    if (type != k_type_datagram)
        return Errno::esocktnosupport;
    if (protocol != 0 && protocol != k_level_udp)
        return Errno::eprotonosupport;
    udp_pcb* pcb = udp_new_ip_type(family == k_family_inet ? IPADDR_TYPE_V4 : IPADDR_TYPE_ANY);
    if (pcb == nullptr)
        return Errno::enobufs;
    auto made = try_make_ref<UdpSocket>(family, flags, pcb);
    if (!made.ok()) {
        udp_remove(pcb);
        return made.error();
    }
    return Ref<Socket>(made.value());
}

Result<Ref<UnixSocket>> create_unix(int type, int protocol, std::uint32_t flags) {
    if (type != k_type_stream && type != k_type_datagram && type != k_type_sequenced_packet)
        return Errno::esocktnosupport;
    if (protocol != 0 && protocol != k_family_unix)
        return Errno::eprotonosupport;
    return try_make_ref<UnixSocket>(type, flags);
}
} // namespace

void set_netlink_family(CreateSocket create) {
    g_create_netlink = create;
}

Result<Ref<Socket>> create(int family, int type, int protocol, std::uint32_t flags) {
    if (family == k_family_inet || family == k_family_inet6)
        return create_inet(family, type, protocol, flags);
    if (family == k_family_unix)
        return Ref<Socket>(UNIK_TRY(create_unix(type, protocol, flags)));
    if (family == k_family_netlink && g_create_netlink != nullptr)
        return g_create_netlink(type, protocol, flags);
    return Errno::eafnosupport;
}

Result<Pair> create_pair(int family, int type, int protocol, std::uint32_t flags) {
    if (family == k_family_inet || family == k_family_inet6 ||
        (family == k_family_netlink && g_create_netlink != nullptr))
        return Errno::eopnotsupp;
    if (family != k_family_unix)
        return Errno::eafnosupport;
    auto first = UNIK_TRY(create_unix(type, protocol, flags));
    auto second = UNIK_TRY(create_unix(type, protocol, flags));
    UnixSocket::connect_pair(*first, *second);
    return Pair{Ref<Socket>(first), Ref<Socket>(second)};
}

} // namespace os::sockets
