// Who takes the connections to one address: one listening socket, or several with SO_REUSEPORT, in
// turn. The group owns lwIP's listening block and goes with its last member.
//
// lwIP counts connections that are not complete (at most 255 of them); those that are complete wait
// in their listener's queue, whose length is listen(2)'s backlog. While all queues are full lwIP is
// told to ignore new connections, as Linux does, so that the peers try again.
#pragma once

#include <foundation/own.hpp>
#include <foundation/vector.hpp>

#include <lwip/opt.h>

#include <lwip/priv/tcp_priv.h>

namespace os::sockets {

class TcpSocket;

class ListenGroup final : public RefCounted {
public:
    explicit ListenGroup(tcp_pcb_listen* listener) : listener_(listener) {}
    // The group that listens at just this address; null.
    static ListenGroup* find(const ip_addr_t& address, std::uint16_t port);
    static ListenGroup* of(const tcp_pcb_listen& listener);

    Result<void> add(TcpSocket& member);
    void remove(TcpSocket& member); // the last one ends the listening
    bool shares_port() const;
    // The next in turn that has room; null.
    TcpSocket* choose();
    // The room in a queue may have changed.
    void adjust();
    tcp_pcb_listen& listener() const { return *listener_; }

private:
    tcp_pcb_listen* listener_;
    Vector<TcpSocket*> members_;
    std::size_t next_ = 0;
};

} // namespace os::sockets
