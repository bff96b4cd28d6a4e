// A netlink socket: what is sent to the kernel's port is answered at once, the answers wait in a
// queue until they are read.
#pragma once

#include <sockets/socket.hpp>

namespace os::netlink {

Result<void> start(); // sockets of this family can be made from here on

struct SocketsTag;

class NetlinkSocket final : public sockets::Socket, public ListNode<SocketsTag> {
public:
    NetlinkSocket(int type, std::uint32_t flags);
    ~NetlinkSocket() override;

    Result<void> bind(const sockets::SocketAddress& address) override;
    Result<void> connect(const sockets::SocketAddress& address) override;
    Result<sockets::SocketAddress> name() override;
    Result<sockets::SocketAddress> peer_name() override;
    Result<std::size_t> send(sockets::SendRequest& request) override;
    Result<std::size_t> receive(sockets::ReceiveRequest& request) override;
    Result<void> shutdown(sockets::ShutdownHow how) override;
    vfs::PollMask poll() override;

protected:
    Result<void> set_special(int level, int name, Bytes value) override;
    Result<std::size_t> get_special(int level, int name, MutableBytes out) override;
    std::size_t readable_bytes() override;

private:
    struct Datagram : ListNode<> {
        Vector<std::uint8_t> bytes;
    };

    static bool taken(std::uint32_t port);
    void need_port();
    Result<void> answer_all(Bytes requests);
    void deliver(Vector<std::uint8_t> bytes);
    void drop_first();

    std::uint32_t port_ = 0; // 0: none yet
    std::uint32_t groups_ = 0;
    List<Datagram> queue_;
    std::size_t queued_ = 0;
};

} // namespace os::netlink
