// What ICMP says goes to the socket that sent the packet: UDP sockets that are connected or asked
// for errors (IP_RECVERR) tell it with the next call, connections that are being made fail.
// Connections that exist live on (RFC 5927).
#include <lwip/unreachable.hpp>

#include "tcp_socket.hpp"
#include "udp_socket.hpp"

namespace os::sockets {

namespace {
void unreachable(const lwip::Unreachable& message) {
    if (message.protocol == k_level_udp)
        UdpSocket::unreachable(message);
    else if (message.protocol == k_level_tcp)
        TcpSocket::unreachable(message);
}
} // namespace

void set_unreachable_handler() {
    lwip::set_unreachable_handler(&unreachable);
}

void UdpSocket::unreachable(const lwip::Unreachable& message) {
    for (const udp_pcb* pcb = udp_pcbs; pcb != nullptr; pcb = pcb->next) {
        if (pcb->local_port != message.local_port || pcb->recv != &UdpSocket::received)
            continue;
        auto& self = *static_cast<UdpSocket*>(pcb->recv_arg);
        const bool asked = self.options_(IpOption::receive_errors) != 0 ||
                           self.options_(Ip6Option::receive_errors) != 0;
        const bool its_peer = self.connected_ && pcb->remote_port == message.remote_port &&
                              ip_addr_cmp(&pcb->remote_ip, &message.remote);
        if (self.connected_ ? !its_peer : !asked)
            continue;
        if (message.weight == lwip::Unreachable::Weight::soft && !asked)
            return;
        self.set_error(message.error);
        self.notify(vfs::k_poll_error);
        return;
    }
}

void TcpSocket::unreachable(const lwip::Unreachable& message) {
    for (tcp_pcb* pcb = tcp_active_pcbs; pcb != nullptr; pcb = pcb->next) {
        auto* self = static_cast<TcpSocket*>(pcb->callback_arg);
        if (pcb->state != SYN_SENT || self == nullptr || pcb->local_port != message.local_port ||
            pcb->remote_port != message.remote_port ||
            !ip_addr_cmp(&pcb->remote_ip, &message.remote) || message.error == Errno::emsgsize)
            continue;
        self->failure_ = message.error;
        tcp_abandon(pcb, 0); // tells failed()
        return;
    }
}

} // namespace os::sockets
