// UDP over lwIP's raw interface.
#pragma once

#include "inet.hpp"

#include <lwip/udp.h>
#include <lwip/unreachable.hpp>

namespace os::sockets {

class UdpSocket final : public Socket {
public:
    UdpSocket(int family, std::uint32_t flags, udp_pcb* pcb);
    ~UdpSocket() override;

    Result<void> bind(const SocketAddress& address) override;
    Result<void> connect(const SocketAddress& address) override;
    Result<SocketAddress> name() override;
    Result<SocketAddress> peer_name() override;
    Result<std::size_t> send(SendRequest& request) override;
    Result<std::size_t> receive(ReceiveRequest& request) override;
    Result<void> shutdown(ShutdownHow how) override;
    vfs::PollMask poll() override;
    static void unreachable(const lwip::Unreachable& message);

protected:
    void option_changed(int level, int name, std::int32_t value) override;
    Result<void> set_special(int level, int name, Bytes value) override;
    Result<std::size_t> get_special(int level, int name, MutableBytes out) override;
    std::size_t readable_bytes() override;

private:
    struct Datagram : ListNode<> {
        ~Datagram() { pbuf_free(data); }
        pbuf* data = nullptr;
        Endpoint from;
        ip_addr_t destination{};
        unsigned interface = 0;
        std::uint8_t time_to_live = 0;
        std::uint8_t type_of_service = 0;
        Nanoseconds time{}; // taken when the program wants to know
    };
    struct Membership {
        ip_addr_t group{};
        unsigned interface = 0; // 0: every one
    };

    bool wants_time() const;
    Result<void> join(const Membership& membership);
    Result<void> leave(const Membership& membership);
    Result<void> change_multicast(int level, int name, Bytes value);
    static void received(void* socket, udp_pcb* pcb, pbuf* data, const ip_addr_t* address,
                         u16_t port);
    Result<void> check_destination(const Endpoint& to) const;
    err_t transmit(pbuf* data, const Endpoint& to, const PacketInfo& info);
    void describe_packet(const Datagram& datagram, ReceiveRequest& request) const;
    void describe_facts(const Datagram& datagram, ReceiveRequest& request) const;
    void drop_first();

    udp_pcb* pcb_;
    List<Datagram> queue_;
    Vector<Membership> memberships_;
    std::size_t queued_ = 0; // bytes, with what it costs to keep them
    bool connected_ = false;
    bool shut_read_ = false;
    bool shut_write_ = false;
};

} // namespace os::sockets
