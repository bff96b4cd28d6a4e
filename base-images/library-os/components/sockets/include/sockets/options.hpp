// Socket options: numbers of the Linux ABI (asm-generic/socket.h, linux/in.h, linux/in6.h,
// linux/tcp.h). Most are integers that are kept and read back; a table says which a socket has.
#pragma once

#include <cstdint>

#include <foundation/result.hpp>
#include <foundation/span.hpp>

namespace os::sockets {

inline constexpr int k_level_socket = 1;
inline constexpr int k_level_ip = 0;
inline constexpr int k_level_tcp = 6;
inline constexpr int k_level_udp = 17;
inline constexpr int k_level_ipv6 = 41;
inline constexpr int k_level_netlink = 270;

enum class SocketOption : int {
    reuse_address = 2,
    type = 3,
    error = 4,
    broadcast = 6,
    send_buffer = 7,
    receive_buffer = 8,
    keep_alive = 9,
    linger = 13,
    reuse_port = 15,
    pass_credentials = 16,
    peer_credentials = 17,
    receive_timeout = 20,
    send_timeout = 21,
    bind_to_device = 25,
    detach_filter = 27,
    timestamp = 29,
    accepts_connections = 30,
    send_buffer_force = 32,
    timestamp_nanoseconds = 35,
    receive_buffer_force = 33,
    protocol = 38,
    domain = 39,
    cookie = 57,
};

enum class IpOption : int {
    type_of_service = 1,
    time_to_live = 2,
    packet_info = 8,
    receive_errors = 11,
    receive_time_to_live = 12,
    receive_type_of_service = 13,
    path_mtu = 14,
    multicast_interface = 32,
    multicast_ttl = 33,
    multicast_loop = 34,
    add_membership = 35,
    drop_membership = 36,
};

enum class Ip6Option : int {
    unicast_hops = 16,
    multicast_interface = 17,
    multicast_hops = 18,
    join_group = 20,
    leave_group = 21,
    path_mtu = 24,
    receive_errors = 25,
    only_v6 = 26,
    receive_packet_info = 49,
    receive_hop_limit = 51,
    receive_traffic_class = 66,
    traffic_class = 67,
};

enum class TcpOption : int {
    no_delay = 1,
    segment_size = 2,
    cork = 3,
    keep_idle = 4,
    keep_interval = 5,
    keep_count = 6,
    info = 11,
    congestion = 13,
    user_timeout = 18,
};

// Which sockets have an option.
enum class Protocol : unsigned { tcp = 1, udp = 2, local = 4, netlink = 8 };
inline constexpr unsigned k_inet_protocols = 3;
inline constexpr unsigned k_all_protocols = 15;

// What an option may be set to; einval outside.
struct OptionValue {
    enum class Kind { on_off, number, number_or_default, read_only } kind;
    std::int32_t least;
    std::int32_t most;
    std::int32_t standard; // what -1 stands for (number_or_default)
};

struct IntegerOption {
    int level;
    int name;
    std::int32_t initial;
    unsigned protocols;
    OptionValue value;
};
inline constexpr std::size_t k_most_integer_options = 64;
Span<const IntegerOption> integer_options();

// The integer options of one socket.
class OptionValues {
public:
    OptionValues();
    // enoprotoopt when sockets of this kind have no such option.
    Result<std::int32_t> get(Protocol protocol, int level, int name) const;
    // Returns the value as it is kept.
    Result<std::int32_t> set(Protocol protocol, int level, int name, std::int32_t value);
    // Of an option that is in the table.
    std::int32_t operator()(SocketOption option) const;
    std::int32_t operator()(IpOption option) const;
    std::int32_t operator()(Ip6Option option) const;
    std::int32_t operator()(TcpOption option) const;

private:
    std::int32_t known(int level, int name) const;
    std::int32_t values_[k_most_integer_options] = {};
};

} // namespace os::sockets
