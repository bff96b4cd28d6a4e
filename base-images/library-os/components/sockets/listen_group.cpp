#include "listen_group.hpp"

#include "tcp_socket.hpp"

namespace os::sockets {

namespace {
constexpr u8_t k_most_incomplete = 255; // lwIP counts in a byte
}

ListenGroup* ListenGroup::of(const tcp_pcb_listen& listener) {
    return static_cast<ListenGroup*>(listener.callback_arg);
}

ListenGroup* ListenGroup::find(const ip_addr_t& address, std::uint16_t port) {
    for (const tcp_pcb_listen* other = tcp_listen_pcbs.listen_pcbs; other != nullptr;
         other = other->next)
        if (other->local_port == port && IP_GET_TYPE(&other->local_ip) == IP_GET_TYPE(&address) &&
            ip_addr_cmp(&other->local_ip, &address))
            return of(*other);
    return nullptr;
}

Result<void> ListenGroup::add(TcpSocket& member) {
    UNIK_TRY(members_.push(&member));
    adjust();
    return {};
}

void ListenGroup::remove(TcpSocket& member) {
    for (std::size_t i = 0; i < members_.size(); ++i)
        if (members_[i] == &member) {
            members_.erase(i);
            break;
        }
    if (!members_.empty())
        return adjust();
    auto* pcb = reinterpret_cast<tcp_pcb*>(listener_);
    tcp_arg(pcb, nullptr);
    tcp_accept(pcb, nullptr);
    tcp_close(pcb);
}

bool ListenGroup::shares_port() const {
    return !members_.empty() && members_[0]->shares_port();
}

TcpSocket* ListenGroup::choose() {
    for (std::size_t tried = 0; tried < members_.size(); ++tried) {
        next_ = (next_ + 1) % members_.size();
        if (members_[next_]->takes_more())
            return members_[next_];
    }
    // Connections that were under way when the last queue filled up are still taken.
    return members_.empty() ? nullptr : members_[next_];
}

void ListenGroup::adjust() {
    bool room = false;
    for (const TcpSocket* member : members_)
        room = room || member->takes_more();
    listener_->backlog = room ? k_most_incomplete : 0;
}

} // namespace os::sockets
