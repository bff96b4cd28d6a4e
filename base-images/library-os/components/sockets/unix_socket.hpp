// Unix sockets: both ends live in this machine, so a message moves from one queue to another.
//
// Sockets know each other by plain pointers, which every socket clears in all others when it goes;
// the list of all sockets serves that, and finding a name.
#pragma once

#include <sockets/socket.hpp>
#include <vfs/inode.hpp>

namespace os::sockets {

struct UnixSocketsTag;

class UnixSocket final : public Socket, public ListNode<UnixSocketsTag> {
public:
    UnixSocket(int type, std::uint32_t flags);
    ~UnixSocket() override;

    static void connect_pair(UnixSocket& first, UnixSocket& second);

    Result<void> bind(const SocketAddress& address) override;
    Result<void> connect(const SocketAddress& address) override;
    Result<void> listen(int backlog) override;
    Result<Ref<Socket>> accept(std::uint32_t flags) override;
    Result<SocketAddress> name() override;
    Result<SocketAddress> peer_name() override;
    Result<std::size_t> send(SendRequest& request) override;
    Result<std::size_t> receive(ReceiveRequest& request) override;
    Result<void> shutdown(ShutdownHow how) override;
    vfs::PollMask poll() override;
    void last_descriptor_closed() override;
    // Frees sockets that only messages in their own queues keep.
    static void collect_cycles();

protected:
    Credentials peer_credentials() const override;
    bool accepts_connections() const override { return state_ == State::listening; }
    void option_changed(int level, int name, std::int32_t value) override;
    std::size_t readable_bytes() override;

private:
    enum class State { fresh, listening, connected, closed };

    struct Message : ListNode<> {
        Vector<std::uint8_t> bytes;
        std::size_t taken = 0;
        Vector<PassedFile> files;
        Credentials sender;
        SocketAddress from;
        std::size_t left() const { return bytes.size() - taken; }
    };

    static constexpr std::size_t k_message_overhead = 256;
    enum class Mark { none, found, done };

    static List<UnixSocket, UnixSocketsTag>& all_sockets();
    void mark_contents(bool& found_new);
    bool takes_from(const UnixSocket& sender) const;
    void tell_sender(const Message& message, ReceiveRequest& request) const;
    bool keeps_borders() const { return type() != k_type_stream; }
    bool full() const;
    Result<void> bind_to_path(StringView path);
    static Result<Ref<UnixSocket>> find(const SocketAddress& address, int type);
    Result<Ref<UnixSocket>> receiver(const SendRequest& request);
    Result<Own<Message>> make_message(SendRequest& request, std::size_t offset, std::size_t count);
    Result<void> wait_for_room(UnixSocket& target, const SendRequest& request, Nanoseconds until);
    void deliver(Own<Message> message);
    std::size_t take_bytes(ReceiveRequest& request, std::size_t done);
    std::size_t peek_bytes(const ReceiveRequest& request);
    std::size_t take_message(ReceiveRequest& request);
    void finish_first();
    void tell_writers();
    void set_peer(UnixSocket* peer);
    void lose_peer(bool unread);
    void disconnect();

    State state_ = State::fresh;
    Mark mark_ = Mark::none;          // of collect_cycles()
    bool passes_credentials_ = false; // SO_PASSCRED
    UnixSocket* peer_ = nullptr;      // where messages go
    std::size_t followers_ = 0;       // whose peer this is
    SocketAddress name_;              // size 0: unnamed; an accepted one has its listener's
    bool bound_ = false;              // the name leads here
    SocketAddress peer_name_;
    bool peer_gone_ = false; // of a datagram socket, which has not noticed yet
    Ref<vfs::Inode> inode_;  // that the name stands for, unless it is abstract
    List<Message> queue_;
    std::size_t queued_ = 0;
    threads::WaitQueue space_; // who waits for room in queue_
    bool end_received_ = false;
    bool shut_read_ = false;
    bool shut_write_ = false;
    std::size_t backlog_ = 0;
    Vector<Ref<UnixSocket>> waiting_;
};

} // namespace os::sockets
