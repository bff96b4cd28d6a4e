// Life of a TCP socket: making, binding, connecting, closing; and what lwIP tells about it.
#include "tcp_socket.hpp"

#include <lwip/stack.hpp>

#include <lwip/priv/tcp_priv.h>

namespace os::sockets {

TcpSocket::TcpSocket(int family, std::uint32_t flags, tcp_pcb* pcb)
    : Socket(family, k_type_stream, Protocol::tcp, flags) {
    if (pcb != nullptr) {
        adopt(pcb);
        state_ = State::connected;
        reported_connected_ = true;
        local_ = local_endpoint();
        peer_ = {pcb->remote_ip, pcb->remote_port};
    }
}

TcpSocket::~TcpSocket() {
    close_pcb();
    lwip::settle();
}

Result<void> TcpSocket::need_pcb() {
    if (pcb_ != nullptr)
        return {};
    const u8_t type = family() == k_family_inet ? IPADDR_TYPE_V4 : IPADDR_TYPE_ANY;
    tcp_pcb* pcb = tcp_new_ip_type(type);
    if (pcb == nullptr)
        return Errno::enobufs;
    adopt(pcb);
    apply_options();
    set_unreachable_handler();
    return {};
}

void TcpSocket::adopt(tcp_pcb* pcb) {
    pcb_ = pcb;
    tcp_arg(pcb, this);
    tcp_recv(pcb, &TcpSocket::received);
    tcp_sent(pcb, &TcpSocket::sent);
    tcp_err(pcb, &TcpSocket::failed);
}

// Lets go of lwIP's block: a listener ends, a connection is finished in the background, or reset
// when data was left unread or SO_LINGER says so.
void TcpSocket::close_pcb() {
    for (Ref<TcpSocket>& socket : waiting_)
        if (socket->pcb_ != nullptr) { // the peer learns that nobody took it
            tcp_pcb* pcb = socket->pcb_;
            socket->pcb_ = nullptr;
            tcp_arg(pcb, nullptr);
            tcp_err(pcb, nullptr);
            tcp_abort(pcb);
        }
    waiting_.clear();
    if (pcb_ == nullptr)
        return;
    tcp_pcb* pcb = pcb_;
    pcb_ = nullptr;
    if (state_ == State::listening) {
        group_->remove(*this);
        group_ = {};
        return;
    }
    tcp_arg(pcb, nullptr);
    tcp_poll(pcb, nullptr, 0);
    tcp_recv(pcb, nullptr);
    tcp_sent(pcb, nullptr);
    tcp_err(pcb, nullptr);
    const bool reset = !received_.empty() || (linger_.on != 0 && linger_.seconds == 0);
    if (reset && state_ == State::connected)
        tcp_abort(pcb);
    else if (tcp_close(pcb) != ERR_OK)
        tcp_abort(pcb);
}

void TcpSocket::last_descriptor_closed() {
    if (linger_.on != 0 && linger_.seconds > 0)
        linger_until_sent();
    // Whoever is still inside a call must not wait for a connection that is going away.
    if (state_ == State::listening) {
        close_pcb();
        state_ = State::closed;
        notify(vfs::k_poll_hang_up);
    }
}

void TcpSocket::linger_until_sent() {
    const Nanoseconds until =
        clock::monotonic() + Nanoseconds{static_cast<std::int64_t>(linger_.seconds) * 1000000000};
    push_out();
    while (pcb_ != nullptr && unsent_bytes() > 0) {
        was_full_ = true;
        if (!wait(writers_, until).ok())
            return;
    }
}

Result<void> TcpSocket::check_free(const ip_addr_t& address, std::uint16_t port) const {
    for (const tcp_pcb_listen* other = tcp_listen_pcbs.listen_pcbs; other != nullptr;
         other = other->next) {
        const bool both_versions = IP_IS_ANY_TYPE_VAL(other->local_ip) ||
                                   IP_IS_ANY_TYPE_VAL(address) ||
                                   IP_GET_TYPE(&other->local_ip) == IP_GET_TYPE(&address);
        const bool same = IP_GET_TYPE(&other->local_ip) == IP_GET_TYPE(&address) &&
                          ip_addr_cmp(&other->local_ip, &address);
        if (same && shares_port() && ListenGroup::of(*other)->shares_port())
            continue;
        if (other->local_port == port && both_versions &&
            (ip_addr_isany_val(other->local_ip) || ip_addr_isany_val(address) ||
             ip_addr_cmp(&other->local_ip, &address)))
            return Errno::eaddrinuse;
    }
    return {};
}

Result<void> TcpSocket::bind(const SocketAddress& address) {
    const Endpoint endpoint = UNIK_TRY(parse_endpoint(address, family()));
    if (state_ != State::fresh || (pcb_ != nullptr && pcb_->local_port != 0))
        return Errno::einval;
    if (!is_local(endpoint.address))
        return Errno::eaddrnotavail;
    UNIK_TRY(need_pcb());
    const OnlyV6 only_v6 = options_(Ip6Option::only_v6) != 0 ? OnlyV6::yes : OnlyV6::no;
    const ip_addr_t wanted = bind_address(endpoint, family(), only_v6);
    if (endpoint.port != 0)
        UNIK_TRY(check_free(wanted, endpoint.port));
    const err_t error = tcp_bind(pcb_, &wanted, endpoint.port);
    if (error != ERR_OK)
        return error == ERR_BUF ? Errno::eaddrinuse : errno_of(error);
    local_ = local_endpoint();
    return {};
}

Result<void> TcpSocket::connect(const SocketAddress& address) {
    if (address.family() == k_family_unspecified) { // dissolves the association
        close_pcb();
        state_ = State::fresh;
        return {};
    }
    const Endpoint endpoint = UNIK_TRY(parse_endpoint(address, family()));
    switch (state_) {
    case State::connecting:
        return non_blocking() ? Result<void>(Errno::ealready) : finish_connecting(true);
    case State::connected:
        if (reported_connected_)
            return Errno::eisconn;
        reported_connected_ = true;
        return {};
    case State::listening: return Errno::eisconn;
    case State::closed:
        if (has_error()) {
            state_ = State::fresh;
            return take_error();
        }
        break;
    case State::fresh: break;
    }
    UNIK_TRY(need_pcb());
    end_received_ = shut_read_ = shut_write_ = false;
    peer_ = {destination_of(endpoint.address), endpoint.port};
    state_ = State::connecting;
    reported_connected_ = false;
    const err_t error = tcp_connect(pcb_, &peer_.address, peer_.port, &TcpSocket::connected);
    if (error != ERR_OK) {
        state_ = State::fresh;
        return error == ERR_BUF   ? Errno::eaddrnotavail
               : error == ERR_USE ? Errno::eaddrnotavail
                                  : errno_of(error);
    }
    local_ = local_endpoint();
    lwip::settle();
    // As in Linux the outcome is asked for, even where it is known by now.
    return non_blocking() ? Result<void>(Errno::einprogress) : finish_connecting(true);
}

Result<void> TcpSocket::finish_connecting(bool may_wait) {
    const Nanoseconds until = deadline(Direction::send);
    while (state_ == State::connecting) {
        if (!may_wait)
            return Errno::einprogress;
        const Result<void> woken = wait(writers_, until);
        if (!woken.ok())
            return woken.error() == Errno::eagain ? Errno::einprogress : woken.error();
    }
    if (state_ == State::connected) {
        reported_connected_ = true;
        return {};
    }
    const Errno error = take_error();
    state_ = State::fresh;
    return error == Errno{} ? Errno::econnaborted : error;
}

err_t TcpSocket::connected(void* socket, tcp_pcb*, err_t) {
    auto& self = *static_cast<TcpSocket*>(socket);
    self.state_ = State::connected;
    self.local_ = self.local_endpoint();
    self.notify(k_poll_writable);
    return ERR_OK;
}

err_t TcpSocket::received(void* socket, tcp_pcb* pcb, pbuf* data, err_t) {
    if (socket == nullptr) // closed meanwhile
        return tcp_recv_null(nullptr, pcb, data, ERR_OK);
    auto& self = *static_cast<TcpSocket*>(socket);
    if (data == nullptr) {
        self.end_received_ = true;
        self.notify(k_poll_readable | vfs::k_poll_read_hang_up |
                    (self.shut_write_ ? vfs::k_poll_hang_up : 0));
        return ERR_OK;
    }
    self.received_.append(data);
    self.notify(k_poll_readable);
    return ERR_OK;
}

err_t TcpSocket::sent(void* socket, tcp_pcb*, u16_t) {
    auto& self = *static_cast<TcpSocket*>(socket);
    self.watch_progress();
    if (self.was_full_ && (self.poll() & vfs::k_poll_out) != 0) {
        self.was_full_ = false;
        self.notify(k_poll_writable);
    }
    return ERR_OK;
}

// lwIP has freed its block.
void TcpSocket::failed(void* socket, err_t error) {
    if (socket == nullptr)
        return;
    auto& self = *static_cast<TcpSocket*>(socket);
    self.pcb_ = nullptr;
    if (error != ERR_CLSD) {
        const bool refused = self.state_ == State::connecting && error == ERR_RST;
        const bool half_closed = self.end_received_ && error == ERR_RST;
        self.set_error(self.failure_ != Errno{} ? self.failure_
                       : refused                ? Errno::econnrefused
                       : half_closed            ? Errno::epipe
                                                : errno_of(error));
    }
    self.failure_ = Errno{};
    self.state_ = State::closed;
    self.end_received_ = true;
    self.notify(k_poll_readable | k_poll_writable | vfs::k_poll_error | vfs::k_poll_hang_up |
                vfs::k_poll_read_hang_up);
}

Endpoint TcpSocket::local_endpoint() const {
    return {pcb_->local_ip, pcb_->local_port};
}

Result<SocketAddress> TcpSocket::name() {
    return format_endpoint(local_, family());
}

Result<SocketAddress> TcpSocket::peer_name() {
    if (state_ != State::connected || pcb_ == nullptr || (shut_write_ && end_received_))
        return Errno::enotconn;
    return format_endpoint(peer_, family());
}

Result<SocketAddress> TcpSocket::accepted_from() {
    return format_endpoint(peer_, family());
}

Result<void> TcpSocket::shutdown(ShutdownHow how) {
    if (state_ == State::listening && how != ShutdownHow::write) {
        close_pcb();
        state_ = State::closed;
        notify(k_poll_readable | vfs::k_poll_hang_up);
        return {};
    }
    if (state_ != State::connected || pcb_ == nullptr)
        return Errno::enotconn;
    if (how != ShutdownHow::read && !shut_write_) {
        shut_write_ = true;
        tcp_shutdown(pcb_, 0, 1);
        lwip::settle();
    }
    if (how != ShutdownHow::write)
        shut_read_ = true;
    notify(k_poll_readable | k_poll_writable | vfs::k_poll_read_hang_up |
           (shut_write_ && (shut_read_ || end_received_) ? vfs::k_poll_hang_up : 0));
    return {};
}

vfs::PollMask TcpSocket::poll() {
    if (state_ == State::listening)
        return waiting_.empty() ? 0 : k_poll_readable;
    vfs::PollMask mask = has_error() ? vfs::k_poll_error : 0;
    if (state_ == State::connecting)
        return mask;
    const bool no_reading = end_received_ || shut_read_;
    if (state_ == State::fresh || state_ == State::closed || (no_reading && shut_write_))
        mask |= vfs::k_poll_hang_up;
    if (no_reading)
        mask |= k_poll_readable | vfs::k_poll_read_hang_up;
    if (!received_.empty())
        mask |= k_poll_readable;
    if (shut_write_ || pcb_ == nullptr || state_ == State::fresh || room() >= TCP_SND_BUF / 3)
        mask |= k_poll_writable;
    else
        was_full_ = true;
    return mask;
}

} // namespace os::sockets
