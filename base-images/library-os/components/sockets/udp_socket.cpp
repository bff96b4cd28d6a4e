#include "udp_socket.hpp"

#include <lwip/stack.hpp>

#include <lwip/ip.h>

namespace os::sockets {

namespace {
constexpr std::size_t k_datagram_overhead = 256;
constexpr std::size_t k_longest_datagram = 65507;

bool is_broadcast(const ip_addr_t& address) {
    if (!IP_IS_V4_VAL(address))
        return false;
    if (ip_2_ip4(&address)->addr == IPADDR_BROADCAST)
        return true;
    for (netif* interface = netif_list; interface != nullptr; interface = interface->next)
        if (ip4_addr_isbroadcast(ip_2_ip4(&address), interface))
            return true;
    return false;
}

} // namespace

UdpSocket::UdpSocket(int family, std::uint32_t flags, udp_pcb* pcb)
    : Socket(family, k_type_datagram, Protocol::udp, flags), pcb_(pcb) {
    udp_recv(pcb_, &UdpSocket::received, this);
    // Whether broadcasts may be sent is checked in send(), with Linux's error.
    ip_set_option(pcb_, SOF_BROADCAST);
    set_unreachable_handler();
}

UdpSocket::~UdpSocket() {
    while (!memberships_.empty())
        (void)leave(memberships_[0]);
    udp_remove(pcb_);
    while (!queue_.empty())
        drop_first();
}

Result<void> UdpSocket::bind(const SocketAddress& address) {
    const Endpoint endpoint = UNIK_TRY(parse_endpoint(address, family()));
    if (pcb_->local_port != 0)
        return Errno::einval;
    if (!is_local(endpoint.address))
        return Errno::eaddrnotavail;
    const OnlyV6 only_v6 = options_(Ip6Option::only_v6) != 0 ? OnlyV6::yes : OnlyV6::no;
    const ip_addr_t wanted = bind_address(endpoint, family(), only_v6);
    const err_t error = udp_bind(pcb_, &wanted, endpoint.port);
    if (error != ERR_OK)
        return errno_of(error);
    if (pcb_->local_port < k_first_ephemeral_port)
        announce("udp", pcb_->local_ip, pcb_->local_port);
    return {};
}

Result<void> UdpSocket::connect(const SocketAddress& address) {
    if (address.family() == k_family_unspecified) {
        udp_disconnect(pcb_);
        connected_ = false;
        return {};
    }
    Endpoint endpoint = UNIK_TRY(parse_endpoint(address, family()));
    endpoint.address = destination_of(endpoint.address);
    UNIK_TRY(check_destination(endpoint));
    const netif* route = ip_route(&pcb_->local_ip, &endpoint.address);
    if (route == nullptr)
        return Errno::enetunreach;
    if (udp_connect(pcb_, &endpoint.address, endpoint.port) != ERR_OK)
        return Errno::eagain;
    connected_ = true;
    return {};
}

Result<SocketAddress> UdpSocket::name() {
    Endpoint local{pcb_->local_ip, pcb_->local_port};
    // A connected socket shows the address that it sends from.
    if (connected_ && ip_addr_isany_val(local.address)) {
        netif* route = ip_route(&pcb_->local_ip, &pcb_->remote_ip);
        const ip_addr_t* source =
            route == nullptr ? nullptr : ip_netif_get_local_ip(route, &pcb_->remote_ip);
        if (source != nullptr)
            local.address = *source;
    }
    return format_endpoint(local, family());
}

Result<SocketAddress> UdpSocket::peer_name() {
    if (!connected_)
        return Errno::enotconn;
    return format_endpoint({pcb_->remote_ip, pcb_->remote_port}, family());
}

Result<void> UdpSocket::check_destination(const Endpoint& to) const {
    if (is_broadcast(to.address) && options_(SocketOption::broadcast) == 0)
        return Errno::eacces;
    return {};
}

err_t UdpSocket::transmit(pbuf* data, const Endpoint& to, const PacketInfo& info) {
    if (!info.present)
        return udp_sendto(pcb_, data, &to.address, to.port);
    netif* through = info.interface != 0 ? netif_get_by_index(static_cast<u8_t>(info.interface))
                                         : ip_route(&info.destination, &to.address);
    if (through == nullptr)
        return ERR_RTE;
    if (ip_addr_isany_val(info.destination) ||
        IP_GET_TYPE(&info.destination) != IP_GET_TYPE(&to.address))
        return udp_sendto_if(pcb_, data, &to.address, to.port, through);
    return udp_sendto_if_src(pcb_, data, &to.address, to.port, through, &info.destination);
}

Result<std::size_t> UdpSocket::send(SendRequest& request) {
    if (has_error())
        return take_error();
    if (shut_write_)
        return Errno::epipe;
    Endpoint to{pcb_->remote_ip, pcb_->remote_port};
    if (request.to != nullptr) {
        to = UNIK_TRY(parse_endpoint(*request.to, family()));
        to.address = destination_of(to.address);
        if (to.port == 0)
            return Errno::einval;
    } else if (!connected_) {
        return Errno::edestaddrreq;
    }
    UNIK_TRY(check_destination(to));
    const std::size_t size = total_size(request.buffers);
    if (size > k_longest_datagram)
        return Errno::emsgsize;
    pbuf* data = pbuf_alloc(PBUF_TRANSPORT, static_cast<u16_t>(size), PBUF_RAM);
    if (data == nullptr)
        return Errno::enobufs;
    auto* out = static_cast<std::uint8_t*>(data->payload);
    for (const Bytes buffer : request.buffers) {
        __builtin_memcpy(out, buffer.data(), buffer.size());
        out += buffer.size();
    }
    const err_t error = transmit(data, to, request.info);
    pbuf_free(data);
    lwip::settle();
    if (error == ERR_OK)
        return size;
    return error == ERR_MEM ? Errno::enobufs : errno_of(error);
}

void UdpSocket::received(void* socket, udp_pcb*, pbuf* data, const ip_addr_t* address, u16_t port) {
    auto& self = *static_cast<UdpSocket*>(socket);
    const std::size_t cost = data->tot_len + k_datagram_overhead;
    const auto limit = static_cast<std::size_t>(self.options_(SocketOption::receive_buffer));
    auto made = try_make<Datagram>();
    if (self.queued_ + cost > limit || !made.ok()) {
        if (made.ok())
            made.value()->data = data; // freed with it
        else
            pbuf_free(data);
        return;
    }
    Datagram& datagram = *made.value().release();
    datagram.data = data;
    datagram.from = {*address, port};
    datagram.destination = *ip_current_dest_addr();
    datagram.interface = netif_get_index(ip_current_input_netif());
    if (ip_current_is_v6()) {
        datagram.time_to_live = IP6H_HOPLIM(ip6_current_header());
        datagram.type_of_service = static_cast<std::uint8_t>(IP6H_TC(ip6_current_header()));
    } else {
        datagram.time_to_live = IPH_TTL(ip4_current_header());
        datagram.type_of_service = IPH_TOS(ip4_current_header());
    }
    if (self.wants_time())
        datagram.time = clock::realtime();
    self.queue_.push_back(datagram);
    self.queued_ += cost;
    self.notify(k_poll_readable);
}

void UdpSocket::drop_first() {
    const Own<Datagram> first(queue_.pop_front());
    queued_ -= first->data->tot_len + k_datagram_overhead;
}

void UdpSocket::describe_packet(const Datagram& datagram, ReceiveRequest& request) const {
    request.from = format_endpoint(datagram.from, family());
    request.full_size = datagram.data->tot_len;
    if (options_(IpOption::packet_info) != 0 || options_(Ip6Option::receive_packet_info) != 0) {
        request.info.present = true;
        request.info.interface = datagram.interface;
        request.info.destination = datagram.destination;
    }
    describe_facts(datagram, request);
}

Result<std::size_t> UdpSocket::receive(ReceiveRequest& request) {
    const Nanoseconds until = deadline(Direction::receive);
    if ((request.flags & k_message_error_queue) != 0)
        return Errno::eagain; // errors are told by the calls themselves
    if (has_error())
        return take_error();
    while (queue_.empty()) {
        if (!may_wait(request.flags))
            return Errno::eagain;
        if (shut_read_)
            return std::size_t{0};
        UNIK_TRY(wait(readers_, until));
        if (has_error())
            return take_error();
    }
    Datagram& datagram = *queue_.front();
    describe_packet(datagram, request);
    std::size_t done = 0;
    for (const MutableBytes buffer : request.buffers) {
        const std::size_t left = datagram.data->tot_len - done;
        const std::size_t count = left < buffer.size() ? left : buffer.size();
        if (count == 0)
            continue;
        pbuf_copy_partial(datagram.data, buffer.data(), static_cast<u16_t>(count),
                          static_cast<u16_t>(done));
        done += count;
    }
    if (done < datagram.data->tot_len)
        request.out_flags |= k_message_truncated;
    const std::size_t size = datagram.data->tot_len;
    if ((request.flags & k_message_peek) == 0)
        drop_first();
    // The program may ask for the whole size of what was cut off.
    return (request.flags & k_message_truncated) != 0 ? size : done;
}

Result<void> UdpSocket::shutdown(ShutdownHow how) {
    shut_read_ = shut_read_ || how != ShutdownHow::write;
    shut_write_ = shut_write_ || how != ShutdownHow::read;
    notify(k_poll_readable | k_poll_writable | vfs::k_poll_hang_up);
    // Linux says so and does it all the same.
    return connected_ ? Result<void>() : Result<void>(Errno::enotconn);
}

vfs::PollMask UdpSocket::poll() {
    vfs::PollMask mask = k_poll_writable;
    if (!queue_.empty() || shut_read_)
        mask |= k_poll_readable;
    if (shut_read_)
        mask |= vfs::k_poll_read_hang_up;
    if (shut_read_ && shut_write_)
        mask |= vfs::k_poll_hang_up;
    if (has_error())
        mask |= vfs::k_poll_error;
    return mask;
}

// The size of the next datagram.
std::size_t UdpSocket::readable_bytes() {
    return queue_.empty() ? 0 : queue_.front()->data->tot_len;
}

} // namespace os::sockets
