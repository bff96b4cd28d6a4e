// netlink(7): addresses, options, sending and receiving.
#include "netlink_socket.hpp"

#include "message.hpp"
#include "route.hpp"

namespace os::netlink {

namespace {
using sockets::SocketAddress;

constinit List<NetlinkSocket, SocketsTag> g_sockets;

constexpr std::uint32_t k_process = 1; // what getpid() says
constexpr std::size_t k_most_request = 65536;
constexpr std::size_t k_datagram_overhead = 256;
constexpr int k_type_raw = 3;
constexpr int k_protocol_route = 0;

struct Address { // struct sockaddr_nl
    std::uint16_t family;
    std::uint16_t padding;
    std::uint32_t port;
    std::uint32_t groups;
};
static_assert(sizeof(Address) == 12);

Result<Address> parse(const SocketAddress& address) {
    Address out{};
    if (address.size < sizeof out)
        return Errno::einval;
    __builtin_memcpy(&out, address.bytes, sizeof out);
    return out.family == sockets::k_family_netlink ? Result<Address>(out) : Errno::einval;
}

SocketAddress format(std::uint32_t port, std::uint32_t groups) {
    const Address in{sockets::k_family_netlink, 0, port, groups};
    SocketAddress out;
    __builtin_memcpy(out.bytes, &in, sizeof in);
    out.size = sizeof in;
    return out;
}

// SOL_NETLINK's options that a program may turn on; group memberships are kept apart.
constexpr int k_join = 1;
constexpr int k_leave = 2;
constexpr int k_last_switch = 12;
constexpr std::uint32_t k_groups = 32;

Result<Ref<sockets::Socket>> create(int type, int protocol, std::uint32_t flags) {
    if (type != k_type_raw && type != sockets::k_type_datagram)
        return Errno::esocktnosupport;
    if (protocol != k_protocol_route)
        return Errno::eprotonosupport;
    return Ref<sockets::Socket>(UNIK_TRY(try_make_ref<NetlinkSocket>(type, flags)));
}
} // namespace

Result<void> start() {
    sockets::set_netlink_family(&create);
    return {};
}

NetlinkSocket::NetlinkSocket(int type, std::uint32_t flags)
    : Socket(sockets::k_family_netlink, type, sockets::Protocol::netlink, flags) {
    g_sockets.push_back(*this);
}

NetlinkSocket::~NetlinkSocket() {
    ListNode<SocketsTag>::unlink();
    while (!queue_.empty())
        drop_first();
}

bool NetlinkSocket::taken(std::uint32_t port) {
    bool found = false;
    g_sockets.for_each([&](NetlinkSocket& socket) { found = found || socket.port_ == port; });
    return found;
}

// The first socket of a process has its number, the others count down from -4097, as in Linux.
void NetlinkSocket::need_port() {
    if (port_ != 0)
        return;
    std::uint32_t wanted = k_process;
    for (std::uint32_t other = static_cast<std::uint32_t>(-4097); taken(wanted); --other)
        wanted = other;
    port_ = wanted;
}

Result<void> NetlinkSocket::bind(const SocketAddress& address) {
    const Address wanted = UNIK_TRY(parse(address));
    if (port_ != 0 && wanted.port != port_ && wanted.port != 0)
        return Errno::einval;
    if (port_ == 0 && wanted.port != 0) {
        if (taken(wanted.port))
            return Errno::eaddrinuse;
        port_ = wanted.port;
    }
    need_port();
    groups_ = wanted.groups;
    return {};
}

Result<void> NetlinkSocket::connect(const SocketAddress& address) {
    if (address.family() == sockets::k_family_unspecified)
        return {};
    const Address wanted = UNIK_TRY(parse(address));
    if (wanted.port != 0)
        return Errno::econnrefused; // there is nobody but the kernel
    need_port();
    return {};
}

Result<SocketAddress> NetlinkSocket::name() {
    return format(port_, groups_);
}

Result<SocketAddress> NetlinkSocket::peer_name() {
    return format(0, 0);
}

void NetlinkSocket::drop_first() {
    const Own<Datagram> first(queue_.pop_front());
    queued_ -= first->bytes.size() + k_datagram_overhead;
}

// Without room the datagram is lost, and the next read says so.
void NetlinkSocket::deliver(Vector<std::uint8_t> bytes) {
    const std::size_t cost = bytes.size() + k_datagram_overhead;
    const auto limit = static_cast<std::size_t>(options_(sockets::SocketOption::receive_buffer));
    auto made = try_make<Datagram>();
    if (!made.ok() || queued_ + cost > limit) {
        set_error(Errno::enobufs);
        notify(vfs::k_poll_error);
        return;
    }
    made.value()->bytes = std::move(bytes);
    queue_.push_back(*made.value().release());
    queued_ += cost;
    notify(sockets::k_poll_readable);
}

Result<void> NetlinkSocket::answer_all(Bytes requests) {
    Request request;
    while (next_request(requests, request)) {
        if ((request.header.flags & k_flag_request) == 0)
            continue;
        Answer out(request.header, port_);
        if (request.header.type >= k_first_type)
            answer(request, out);
        else if ((request.header.flags & k_flag_acknowledge) != 0)
            out.error(Errno{});
        Vector<Vector<std::uint8_t>> datagrams = UNIK_TRY(out.finish());
        for (Vector<std::uint8_t>& datagram : datagrams)
            deliver(std::move(datagram));
    }
    return {};
}

Result<std::size_t> NetlinkSocket::send(sockets::SendRequest& request) {
    if ((request.flags & sockets::k_message_out_of_band) != 0)
        return Errno::eopnotsupp;
    if (request.to != nullptr) {
        const Address to = UNIK_TRY(parse(*request.to));
        if (to.port != 0)
            return Errno::econnrefused;
    }
    const std::size_t size = sockets::total_size(request.buffers);
    if (size > k_most_request)
        return Errno::emsgsize;
    need_port();
    Vector<std::uint8_t> requests; // a copy: the program may change its own meanwhile
    UNIK_TRY(requests.reserve(size));
    for (const Bytes buffer : request.buffers)
        UNIK_TRY(requests.append(buffer));
    UNIK_TRY(answer_all(requests.span()));
    return size;
}

Result<std::size_t> NetlinkSocket::receive(sockets::ReceiveRequest& request) {
    if ((request.flags & sockets::k_message_out_of_band) != 0)
        return Errno::eopnotsupp;
    const Nanoseconds until = deadline(Direction::receive);
    while (queue_.empty()) {
        if (has_error())
            return take_error();
        if (!may_wait(request.flags))
            return Errno::eagain;
        UNIK_TRY(wait(readers_, until));
    }
    const Vector<std::uint8_t>& bytes = queue_.front()->bytes;
    const std::size_t size = bytes.size();
    std::size_t done = 0;
    for (const MutableBytes buffer : request.buffers) {
        const Bytes part = bytes.span().part(done, buffer.size());
        __builtin_memcpy(buffer.data(), part.data(), part.size());
        done += part.size();
    }
    if (done < size)
        request.out_flags |= sockets::k_message_truncated;
    request.from = format(0, 0);
    if ((request.flags & sockets::k_message_peek) == 0)
        drop_first();
    return (request.flags & sockets::k_message_truncated) != 0 ? size : done;
}

Result<void> NetlinkSocket::shutdown(sockets::ShutdownHow) {
    return Errno::eopnotsupp;
}

vfs::PollMask NetlinkSocket::poll() {
    return sockets::k_poll_writable | (queue_.empty() ? 0 : sockets::k_poll_readable) |
           (has_error() ? vfs::k_poll_error : 0);
}

std::size_t NetlinkSocket::readable_bytes() {
    return queue_.empty() ? 0 : queue_.front()->bytes.size();
}

// Groups are joined and switches kept; nothing here ever changes by itself once the program runs,
// so that no notification comes.
Result<void> NetlinkSocket::set_special(int level, int name, Bytes value) {
    if (level != sockets::k_level_netlink || name < k_join || name > k_last_switch)
        return Errno::enoprotoopt;
    std::uint32_t number = 0;
    if (value.size() < sizeof number)
        return Errno::einval;
    __builtin_memcpy(&number, value.data(), sizeof number);
    if (name != k_join && name != k_leave)
        return {};
    if (number == 0 || number > k_groups)
        return Errno::einval;
    const std::uint32_t bit = 1U << (number - 1);
    groups_ = name == k_join ? groups_ | bit : groups_ & ~bit;
    return {};
}

Result<std::size_t> NetlinkSocket::get_special(int, int, MutableBytes) {
    return Errno::enoprotoopt;
}

} // namespace os::netlink
