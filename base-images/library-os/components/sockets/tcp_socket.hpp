// TCP over lwIP's raw interface.
//
// lwIP's control block and this object point at each other. lwIP frees its block by itself when the
// connection fails; it says so first (failed()), and the pointer goes. A closed socket lets go of
// its block, which lives on until what was written has been delivered.
#pragma once

#include "inet.hpp"
#include "listen_group.hpp"
#include "receive_queue.hpp"

#include <lwip/tcp.h>
#include <lwip/unreachable.hpp>

namespace os::sockets {

class TcpSocket final : public Socket {
public:
    // `pcb` may be null: made when it is needed.
    TcpSocket(int family, std::uint32_t flags, tcp_pcb* pcb);
    ~TcpSocket() override;

    Result<void> bind(const SocketAddress& address) override;
    Result<void> connect(const SocketAddress& address) override;
    Result<void> listen(int backlog) override;
    Result<Ref<Socket>> accept(std::uint32_t flags) override;
    Result<SocketAddress> name() override;
    Result<SocketAddress> peer_name() override;
    Result<SocketAddress> accepted_from() override;
    Result<std::size_t> send(SendRequest& request) override;
    Result<std::size_t> receive(ReceiveRequest& request) override;
    Result<void> shutdown(ShutdownHow how) override;
    vfs::PollMask poll() override;
    void last_descriptor_closed() override;

    static void unreachable(const lwip::Unreachable& message);
    static void close_all();
    // Of a listener: SO_REUSEPORT, and whether its queue has room for another connection.
    bool shares_port() const { return options_(SocketOption::reuse_port) != 0; }
    bool takes_more() const { return waiting_.size() <= backlog_; }

protected:
    void option_changed(int level, int name, std::int32_t value) override;
    Result<void> set_special(int level, int name, Bytes value) override;
    Result<std::size_t> get_special(int level, int name, MutableBytes out) override;
    bool accepts_connections() const override { return state_ == State::listening; }
    std::size_t readable_bytes() override { return received_.size(); }
    std::size_t unsent_bytes() override;

private:
    enum class State { fresh, connecting, connected, listening, closed };

    // Callbacks of lwIP.
    static err_t connected(void* socket, tcp_pcb* pcb, err_t error);
    static err_t received(void* socket, tcp_pcb* pcb, pbuf* data, err_t error);
    static err_t sent(void* socket, tcp_pcb* pcb, u16_t count);
    static void failed(void* socket, err_t error);
    static err_t incoming(void* group, tcp_pcb* pcb, err_t error);
    static err_t look_after(void* socket, tcp_pcb* pcb);

    Result<void> need_pcb();
    void adopt(tcp_pcb* pcb);
    void apply_options();
    Result<void> start_listening();
    void describe_state(std::uint8_t (&info)[104]) const;
    void watch_progress();
    bool overdue() const;
    Result<void> finish_connecting(bool may_wait);
    Result<void> check_free(const ip_addr_t& address, std::uint16_t port) const;
    std::size_t room() const;
    Result<void> wait_for_room(const SendRequest& request, Nanoseconds until);
    Result<std::size_t> write_some(Bytes bytes, bool more);
    void push_out();
    std::size_t take(ReceiveRequest& request, std::size_t offset);
    Result<std::size_t> nothing_received();
    void acknowledge(std::size_t count);
    void answered();
    void close_pcb();
    void linger_until_sent();
    Endpoint local_endpoint() const;

    State state_ = State::fresh;
    Errno failure_{};        // why lwIP is asked to give up
    tcp_pcb* pcb_ = nullptr; // null once lwIP has freed it
    ReceiveQueue received_;
    bool end_received_ = false; // the peer's FIN
    bool shut_read_ = false;
    bool shut_write_ = false;
    bool was_full_ = false; // a writer found no room: tell when there is some
    bool reported_connected_ = false;
    bool corked_ = false;      // the option's value
    bool interactive_ = false; // answers follow what is read
    unsigned unanswered_reads_ = 0;
    Endpoint local_; // remembered for getsockname after the block is gone
    Endpoint peer_;
    std::int32_t user_timeout_ = 0; // the option's value
    Nanoseconds progress_{};        // TCP_USER_TIMEOUT: when the peer acknowledged something last
    std::size_t backlog_ = 0;
    Ref<ListenGroup> group_;         // while listening
    Vector<Ref<TcpSocket>> waiting_; // connections that nobody has accepted yet
};

} // namespace os::sockets
