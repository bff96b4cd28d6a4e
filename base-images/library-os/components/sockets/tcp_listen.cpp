// Listening and accepting.
#include <lwip/stack.hpp>

#include "tcp_socket.hpp"

namespace os::sockets {

namespace {
constexpr int k_most_backlog = 4096; // net.core.somaxconn
} // namespace

// Joins those that listen at this address already (SO_REUSEPORT), or is the first of a new group.
Result<void> TcpSocket::start_listening() {
    ListenGroup* group = ListenGroup::find(pcb_->local_ip, pcb_->local_port);
    if (group != nullptr && shares_port() && group->shares_port()) {
        UNIK_TRY(group->add(*this));
        group_ = Ref<ListenGroup>::share(group);
        tcp_arg(pcb_, nullptr);
        tcp_err(pcb_, nullptr);
        tcp_close(pcb_);
        pcb_ = reinterpret_cast<tcp_pcb*>(&group->listener());
        return {};
    }
    err_t error = ERR_OK;
    tcp_pcb* listener = tcp_listen_with_backlog_and_err(pcb_, 1, &error);
    if (listener == nullptr)
        return error == ERR_MEM ? Errno::enobufs : errno_of(error);
    pcb_ = listener; // the other block is gone
    tcp_arg(pcb_, nullptr);
    auto made = try_make_ref<ListenGroup>(reinterpret_cast<tcp_pcb_listen*>(listener));
    if (!made.ok() || !made.value()->add(*this).ok()) {
        tcp_close(pcb_);
        pcb_ = nullptr;
        return Errno::enobufs;
    }
    group_ = made.value();
    tcp_arg(pcb_, group_.get());
    tcp_accept(pcb_, &TcpSocket::incoming);
    return {};
}

Result<void> TcpSocket::listen(int backlog) {
    const bool listening = state_ == State::listening;
    if (!listening && state_ != State::fresh)
        return Errno::einval;
    backlog_ = backlog < 0 || backlog > k_most_backlog ? k_most_backlog
                                                       : static_cast<std::size_t>(backlog);
    if (listening) {
        group_->adjust();
        return {};
    }
    UNIK_TRY(need_pcb());
    if (pcb_->local_port == 0) {
        const Endpoint any{family() == k_family_inet ? *IP4_ADDR_ANY : *IP_ANY_TYPE, 0};
        if (tcp_bind(pcb_, &any.address, 0) != ERR_OK)
            return Errno::eaddrinuse;
    }
    UNIK_TRY(start_listening());
    state_ = State::listening;
    local_ = local_endpoint();
    announce("tcp", local_.address, local_.port);
    return {};
}

// A connection is complete; it waits here until the program accepts it.
err_t TcpSocket::incoming(void* group, tcp_pcb* pcb, err_t error) {
    if (group == nullptr || pcb == nullptr || error != ERR_OK)
        return ERR_VAL;
    TcpSocket* chosen = static_cast<ListenGroup*>(group)->choose();
    if (chosen == nullptr)
        return ERR_VAL;
    TcpSocket& self = *chosen;
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
    self.group_->adjust();
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
    group_->adjust();
    accepted->set_flags(flags | vfs::k_open_read_write);
    return Ref<Socket>(accepted);
}

} // namespace os::sockets
