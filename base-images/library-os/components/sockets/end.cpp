// What Linux's kernel goes on doing for the connections of a process that has ended.
#include <sockets/end.hpp>

#include <clock/clock.hpp>
#include <lwip/stack.hpp>
#include <threads/timer.hpp>

#include <lwip/priv/tcp_priv.h>

#include "tcp_socket.hpp"

namespace os::sockets {

namespace {
// For peers that do not answer.
constexpr Nanoseconds k_longest{2'000'000'000};

bool unfinished() {
    for (const tcp_pcb* pcb = tcp_active_pcbs; pcb != nullptr; pcb = pcb->next)
        if (pcb->state >= ESTABLISHED &&
            (pcb->unsent != nullptr || pcb->unacked != nullptr || (pcb->flags & TF_CLOSEPEND) != 0))
            return true;
    return false;
}
} // namespace

// What is not established yet belongs to a listener, or to nobody.
void TcpSocket::close_all() {
    for (tcp_pcb* pcb = tcp_active_pcbs; pcb != nullptr;) {
        if (pcb->state < ESTABLISHED || pcb->callback_arg == nullptr) {
            pcb = pcb->next;
            continue;
        }
        static_cast<TcpSocket*>(pcb->callback_arg)->close_pcb();
        pcb = tcp_active_pcbs; // this one may be gone, and others with it
    }
    lwip::settle();
}

void end_connections() {
    TcpSocket::close_all();
    const Nanoseconds until = clock::monotonic() + k_longest;
    while (unfinished() && clock::monotonic() < until)
        threads::run_deferred();
}

} // namespace os::sockets
