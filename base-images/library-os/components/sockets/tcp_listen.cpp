// Listening, and the options of TCP.
#include <lwip/stack.hpp>

#include "tcp_socket.hpp"

namespace os::sockets {

namespace {
constexpr int k_most_backlog = 255; // lwIP counts in a byte

constexpr int number(TcpOption option) {
    return static_cast<int>(option);
}
constexpr int number(SocketOption option) {
    return static_cast<int>(option);
}
constexpr u32_t milliseconds(std::int32_t seconds) {
    return seconds > 0 && seconds < 1000000 ? static_cast<u32_t>(seconds) * 1000 : 1000;
}
} // namespace

Result<void> TcpSocket::listen(int backlog) {
    const int bounded = backlog < 1 ? 1 : backlog > k_most_backlog ? k_most_backlog : backlog;
    if (state_ == State::listening) {
        tcp_backlog_set(reinterpret_cast<tcp_pcb_listen*>(pcb_), static_cast<u8_t>(bounded));
        return {};
    }
    if (state_ != State::fresh)
        return Errno::einval;
    UNIK_TRY(need_pcb());
    if (pcb_->local_port == 0) {
        const Endpoint any{family() == k_family_inet ? *IP4_ADDR_ANY : *IP_ANY_TYPE, 0};
        if (tcp_bind(pcb_, &any.address, 0) != ERR_OK)
            return Errno::eaddrinuse;
    }
    err_t error = ERR_OK;
    tcp_pcb* listener = tcp_listen_with_backlog_and_err(pcb_, static_cast<u8_t>(bounded), &error);
    if (listener == nullptr)
        return error == ERR_MEM ? Errno::enobufs : errno_of(error);
    pcb_ = listener; // the other block is gone
    tcp_arg(pcb_, this);
    tcp_accept(pcb_, &TcpSocket::incoming);
    state_ = State::listening;
    local_ = local_endpoint();
    announce("tcp", local_.address, local_.port);
    return {};
}

// A connection is complete; it waits here until the program accepts it.
err_t TcpSocket::incoming(void* socket, tcp_pcb* pcb, err_t error) {
    if (socket == nullptr || pcb == nullptr || error != ERR_OK)
        return ERR_VAL;
    auto& self = *static_cast<TcpSocket*>(socket);
    auto made = try_make_ref<TcpSocket>(self.family(), std::uint32_t{0}, pcb);
    if (!made.ok() || !self.waiting_.push(made.value()).ok()) {
        if (made.ok())
            made.value()->pcb_ = nullptr; // lwIP resets it
        tcp_arg(pcb, nullptr);
        tcp_err(pcb, nullptr);
        return ERR_MEM;
    }
    TcpSocket& accepted = *made.value();
    accepted.options_ = self.options_;
    accepted.corked_ = self.corked_;
    accepted.linger_ = self.linger_;
    accepted.apply_options();
    tcp_backlog_delayed(pcb);
    self.notify(k_poll_readable);
    return ERR_OK;
}

Result<Ref<Socket>> TcpSocket::accept(std::uint32_t flags) {
    const Nanoseconds until = deadline(Direction::receive);
    while (state_ == State::listening && waiting_.empty()) {
        if (non_blocking())
            return Errno::eagain;
        UNIK_TRY(wait(readers_, until));
    }
    if (state_ != State::listening)
        return Errno::einval;
    Ref<TcpSocket> accepted = waiting_[0];
    waiting_.erase(0);
    if (accepted->pcb_ != nullptr)
        tcp_backlog_accepted(accepted->pcb_);
    accepted->set_flags(flags | vfs::k_open_read_write);
    return Ref<Socket>(accepted);
}

void TcpSocket::apply_options() {
    if (options_(TcpOption::no_delay) != 0)
        tcp_nagle_disable(pcb_);
    if (options_(SocketOption::reuse_address) != 0)
        ip_set_option(pcb_, SOF_REUSEADDR);
    if (options_(SocketOption::keep_alive) != 0)
        ip_set_option(pcb_, SOF_KEEPALIVE);
    pcb_->keep_idle = milliseconds(options_(TcpOption::keep_idle));
    pcb_->keep_intvl = milliseconds(options_(TcpOption::keep_interval));
    pcb_->keep_cnt = static_cast<u32_t>(options_(TcpOption::keep_count));
    pcb_->ttl = static_cast<u8_t>(options_(IpOption::time_to_live));
    pcb_->tos = static_cast<u8_t>(options_(IpOption::type_of_service));
}

void TcpSocket::option_changed(int level, int name, std::int32_t value) {
    if (level == k_level_tcp && name == number(TcpOption::cork))
        corked_ = value != 0;
    if (pcb_ == nullptr)
        return;
    if (state_ == State::listening) { // has only the options of IP
        return;
    }
    if (level == k_level_socket && name == number(SocketOption::reuse_address) && value == 0)
        ip_reset_option(pcb_, SOF_REUSEADDR);
    if (level == k_level_socket && name == number(SocketOption::keep_alive) && value == 0)
        ip_reset_option(pcb_, SOF_KEEPALIVE);
    if (level == k_level_tcp && name == number(TcpOption::no_delay) && value == 0)
        tcp_nagle_enable(pcb_);
    apply_options();
    const bool pushes = name == number(TcpOption::cork) || name == number(TcpOption::no_delay);
    if (level == k_level_tcp && pushes && state_ == State::connected)
        push_out();
}

Result<std::size_t> TcpSocket::get_special(int level, int name, MutableBytes out) {
    if (level != k_level_tcp)
        return Errno::enoprotoopt;
    if (name == number(TcpOption::info)) {
        // The first byte is the state, as in linux/tcp_states.h; the rest is not measured.
        std::uint8_t info[104] = {};
        info[0] = state_ == State::connected    ? 1
                  : state_ == State::connecting ? 2
                  : state_ == State::listening  ? 10
                                                : 7;
        const std::size_t size = out.size() < sizeof info ? out.size() : sizeof info;
        __builtin_memcpy(out.data(), info, size);
        return size;
    }
    if (name == number(TcpOption::segment_size) && pcb_ != nullptr && state_ == State::connected) {
        const std::int32_t size = tcp_mss(pcb_);
        if (out.size() < sizeof size)
            return Errno::einval;
        __builtin_memcpy(out.data(), &size, sizeof size);
        return sizeof size;
    }
    return Errno::enoprotoopt;
}

} // namespace os::sockets
