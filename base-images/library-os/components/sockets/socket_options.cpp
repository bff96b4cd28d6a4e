// setsockopt(2) and getsockopt(2) for what all sockets share.
#include <sockets/socket.hpp>

namespace os::sockets {

namespace {
struct Timeval {
    std::int64_t seconds;
    std::int64_t microseconds;
};
constexpr std::int64_t k_longest_timeout = 1000000000; // seconds
constexpr std::int32_t k_most_buffer = 4 << 20;
constexpr std::int32_t k_least_send_buffer = 4608;
constexpr std::int32_t k_least_receive_buffer = 2304;

template <typename T>
Result<T> value_of(Bytes value) {
    if (value.size() < sizeof(T))
        return Errno::einval;
    T out;
    __builtin_memcpy(&out, value.data(), sizeof out);
    return out;
}

template <typename T>
std::size_t store(const T& value, MutableBytes out) {
    const std::size_t size = out.size() < sizeof value ? out.size() : sizeof value;
    __builtin_memcpy(out.data(), &value, size);
    return size;
}

Result<Nanoseconds> timeout_of(Bytes value) {
    const Timeval time = UNIK_TRY(value_of<Timeval>(value));
    if (time.microseconds < 0 || time.microseconds >= 1000000)
        return Errno::edom;
    if (time.seconds < 0)
        return Nanoseconds{1}; // passes at once, as in Linux
    const std::int64_t seconds =
        time.seconds < k_longest_timeout ? time.seconds : k_longest_timeout;
    return Nanoseconds{seconds * 1000000000 + time.microseconds * 1000};
}

Timeval timeval_of(Nanoseconds time) {
    return {time.value / 1000000000, time.value / 1000 % 1000000};
}

// The kernel doubles what the program asks for and shows the double.
std::int32_t buffer_size(std::int32_t wanted, std::int32_t least) {
    const std::int32_t bounded =
        wanted < 0 || wanted > k_most_buffer / 2 ? k_most_buffer / 2 : wanted;
    return bounded * 2 < least ? least : bounded * 2;
}

constexpr std::int32_t k_congestion_bits = 3; // of the traffic class: TCP's own

constexpr int number(SocketOption option) {
    return static_cast<int>(option);
}
} // namespace

Result<void> Socket::set_socket_option(int name, Bytes value) {
    if (name != number(SocketOption::bind_to_device) && value.size() < sizeof(std::int32_t))
        return Errno::einval;
    switch (static_cast<SocketOption>(name)) {
    case SocketOption::type:
    case SocketOption::error:
    case SocketOption::protocol:
    case SocketOption::domain:
    case SocketOption::cookie:
    case SocketOption::accepts_connections: return Errno::enoprotoopt;
    case SocketOption::detach_filter: return Errno::enoent; // there never is one
    case SocketOption::linger: linger_ = UNIK_TRY(value_of<Linger>(value)); return {};
    case SocketOption::receive_timeout: receive_timeout_ = UNIK_TRY(timeout_of(value)); return {};
    case SocketOption::send_timeout: send_timeout_ = UNIK_TRY(timeout_of(value)); return {};
    case SocketOption::bind_to_device:
        return value.empty() || value[0] == 0 ? Result<void>() : Result<void>(Errno::enodev);
    default: break;
    }
    std::int32_t integer = UNIK_TRY(value_of<std::int32_t>(value));
    if (name == number(SocketOption::send_buffer_force))
        name = number(SocketOption::send_buffer);
    if (name == number(SocketOption::receive_buffer_force))
        name = number(SocketOption::receive_buffer);
    if (name == number(SocketOption::send_buffer))
        integer = buffer_size(integer, k_least_send_buffer);
    if (name == number(SocketOption::receive_buffer))
        integer = buffer_size(integer, k_least_receive_buffer);
    integer = UNIK_TRY(options_.set(protocol_, k_level_socket, name, integer));
    option_changed(k_level_socket, name, integer);
    return {};
}

Result<std::size_t> Socket::get_socket_option(int name, MutableBytes out) {
    switch (static_cast<SocketOption>(name)) {
    case SocketOption::type: return store(type_, out);
    case SocketOption::domain: return store(family_, out);
    case SocketOption::protocol: {
        const int shown = protocol_ == Protocol::tcp   ? k_level_tcp
                          : protocol_ == Protocol::udp ? k_level_udp
                                                       : 0;
        return store(shown, out);
    }
    case SocketOption::cookie:
        if (out.size() < sizeof(std::uint64_t))
            return Errno::einval;
        return store(std::uint64_t{identity_}, out);
    case SocketOption::error: return store(static_cast<int>(take_error()), out);
    case SocketOption::accepts_connections:
        return store(static_cast<int>(accepts_connections()), out);
    case SocketOption::linger: return store(linger_, out);
    case SocketOption::receive_timeout: return store(timeval_of(receive_timeout_), out);
    case SocketOption::send_timeout: return store(timeval_of(send_timeout_), out);
    case SocketOption::peer_credentials: return store(peer_credentials(), out);
    case SocketOption::bind_to_device: return std::size_t{0};
    default: return store(UNIK_TRY(options_.get(protocol_, k_level_socket, name)), out);
    }
}

bool Socket::has_level(int level) const {
    if (level == k_level_ipv6)
        return family_ == k_family_inet6;
    if (protocol_ == Protocol::netlink)
        return level == k_level_netlink;
    return level == k_level_ip || (level == k_level_tcp && protocol_ == Protocol::tcp) ||
           (level == k_level_udp && protocol_ == Protocol::udp);
}

Result<void> Socket::set_option(int level, int name, Bytes value) {
    if (level == k_level_socket)
        return set_socket_option(name, value);
    if (protocol_ == Protocol::local)
        return Errno::eopnotsupp;
    if (!has_level(level))
        return Errno::enoprotoopt;
    const Result<void> special = set_special(level, name, value);
    if (special.ok() || special.error() != Errno::enoprotoopt)
        return special;
    if (level == k_level_tcp && value.size() < sizeof(std::int32_t))
        return Errno::einval;
    UNIK_TRY(options_.get(protocol_, level, name));
    // Options of IP may be a single byte.
    std::int32_t integer = 0;
    if (value.size() >= sizeof integer)
        integer = UNIK_TRY(value_of<std::int32_t>(value));
    else if (level == k_level_ip && !value.empty())
        integer = value[0];
    else
        return Errno::einval;
    if (level == k_level_ip && name == static_cast<int>(IpOption::type_of_service)) {
        integer &= protocol_ == Protocol::tcp ? 0xff & ~k_congestion_bits : 0xff;
    }
    if (level == k_level_ipv6 && name == static_cast<int>(Ip6Option::traffic_class) &&
        protocol_ == Protocol::tcp && integer >= 0 && integer <= UINT8_MAX)
        integer &= ~k_congestion_bits;
    integer = UNIK_TRY(options_.set(protocol_, level, name, integer));
    option_changed(level, name, integer);
    return {};
}

Result<std::size_t> Socket::get_option(int level, int name, MutableBytes out) {
    if (level == k_level_socket)
        return get_socket_option(name, out);
    if (protocol_ == Protocol::local || !has_level(level))
        return Errno::eopnotsupp;
    const Result<std::size_t> special = get_special(level, name, out);
    if (special.ok() || special.error() != Errno::enoprotoopt)
        return special;
    const std::int32_t value = UNIK_TRY(options_.get(protocol_, level, name));
    // Options of IPv4 may be asked for as a single byte (ip(7)).
    if (level == k_level_ip && !out.empty() && out.size() < sizeof value && value >= 0 &&
        value <= UINT8_MAX) {
        out[0] = static_cast<std::uint8_t>(value);
        return std::size_t{1};
    }
    return store(value, out);
}

} // namespace os::sockets
