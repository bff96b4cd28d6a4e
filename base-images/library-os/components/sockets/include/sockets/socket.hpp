// A socket as an open file. Reading and writing go through send() and receive(), whatever call they
// came by.
#pragma once

#include <cstdint>

#include <clock/clock.hpp>
#include <foundation/vector.hpp>
#include <sockets/address.hpp>
#include <sockets/options.hpp>
#include <sockets/passed_file.hpp>
#include <threads/wait_queue.hpp>
#include <vfs/file.hpp>

namespace os::sockets {

inline constexpr int k_type_stream = 1;
inline constexpr int k_type_datagram = 2;
inline constexpr int k_type_sequenced_packet = 5;

// MSG_ flags.
inline constexpr unsigned k_message_out_of_band = 0x1;
inline constexpr unsigned k_message_peek = 0x2;
inline constexpr unsigned k_message_control_truncated = 0x8;
inline constexpr unsigned k_message_truncated = 0x20;
inline constexpr unsigned k_message_do_not_wait = 0x40;
inline constexpr unsigned k_message_end_of_record = 0x80;
inline constexpr unsigned k_message_wait_all = 0x100;
inline constexpr unsigned k_message_error_queue = 0x2000;
inline constexpr unsigned k_message_no_signal = 0x4000;
inline constexpr unsigned k_message_more = 0x8000;

// Further bits of poll(2): programs ask for these names too.
inline constexpr vfs::PollMask k_poll_read_normal = 0x040;
inline constexpr vfs::PollMask k_poll_write_normal = 0x100;
inline constexpr vfs::PollMask k_poll_readable = vfs::k_poll_in | k_poll_read_normal;
inline constexpr vfs::PollMask k_poll_writable = vfs::k_poll_out | k_poll_write_normal;

// Where a datagram arrived (IP_PKTINFO).
struct PacketInfo {
    bool present = false;
    unsigned interface = 0;
    ip_addr_t destination{};
};

// Further things told of a datagram, as far as the program asked for them.
struct DatagramFacts {
    int time_to_live = -1;
    int type_of_service = -1;
    bool has_time = false;
    Nanoseconds time{}; // on the real-time clock
    enum class TimeFormat { microseconds, nanoseconds } format = TimeFormat::microseconds;
};

// struct ucred.
struct Credentials {
    std::int32_t process = 1;
    std::uint32_t user = 0;
    std::uint32_t group = 0;
};

struct SendRequest {
    Span<const Bytes> buffers;
    unsigned flags = 0;
    const SocketAddress* to = nullptr; // null: where the socket is connected to
    Vector<PassedFile> files;          // SCM_RIGHTS
    Credentials credentials;           // SCM_CREDENTIALS; the program's own unless it says others
    PacketInfo info;                   // the source to use
};

struct ReceiveRequest {
    Span<const MutableBytes> buffers;
    unsigned flags = 0;
    // Answers.
    unsigned out_flags = 0;
    SocketAddress from; // size 0: nothing to tell
    Vector<PassedFile> files;
    bool has_credentials = false;
    Credentials credentials;
    PacketInfo info;
    DatagramFacts facts;
    std::size_t full_size = 0; // of the datagram
};

enum class ShutdownHow : int { read = 0, write = 1, both = 2 };

class Socket : public vfs::File {
public:
    Socket(int family, int type, Protocol protocol, std::uint32_t flags);

    int family() const { return family_; }
    int type() const { return type_; }
    Protocol protocol() const { return protocol_; }

    virtual Result<void> bind(const SocketAddress& address) = 0;
    virtual Result<void> connect(const SocketAddress& address) = 0;
    virtual Result<void> listen(int backlog);
    // The new socket has these open flags.
    virtual Result<Ref<Socket>> accept(std::uint32_t flags);
    virtual Result<SocketAddress> name() = 0;
    virtual Result<SocketAddress> peer_name() = 0;
    // What accept() tells: the peer's name even when the connection has ended meanwhile.
    virtual Result<SocketAddress> accepted_from() { return peer_name(); }
    virtual Result<std::size_t> send(SendRequest& request) = 0;
    virtual Result<std::size_t> receive(ReceiveRequest& request) = 0;
    virtual Result<void> shutdown(ShutdownHow how) = 0;

    Result<void> set_option(int level, int name, Bytes value);
    // Returns how many bytes the value has.
    Result<std::size_t> get_option(int level, int name, MutableBytes out);

    Result<std::size_t> read(MutableBytes buffer) override;
    Result<std::size_t> write(Bytes buffer) override;
    Result<std::size_t> read_vector(Span<const MutableBytes> buffers) override;
    Result<std::size_t> write_vector(Span<const Bytes> buffers) override;
    Result<std::int64_t> control(std::uint64_t request, std::uint64_t argument) override;
    Result<void> status(vfs::Stat& out) override;
    void describe(char* buffer, std::size_t size) override;
    vfs::PollSource* poll_source() override { return &poll_source_; }
    bool is_socket() const override { return true; }

protected:
    struct Linger {
        std::int32_t on = 0;
        std::int32_t seconds = 0;
    };

    // An integer option got a new value.
    virtual void option_changed(int level, int name, std::int32_t value);
    // Options that are no stored integers, of one protocol.
    virtual Result<void> set_special(int level, int name, Bytes value);
    virtual Result<std::size_t> get_special(int level, int name, MutableBytes out);
    virtual Credentials peer_credentials() const { return {0, UINT32_MAX, UINT32_MAX}; } // none
    virtual bool accepts_connections() const { return false; }
    virtual std::size_t readable_bytes() { return 0; } // FIONREAD
    virtual std::size_t unsent_bytes() { return 0; }   // SIOCOUTQ

    // Waits for a change; eagain when the deadline passed or waiting is not wanted.
    enum class Direction { receive, send };
    Nanoseconds deadline(Direction direction) const;
    bool may_wait(unsigned message_flags) const;
    Result<void> wait(threads::WaitQueue& queue, Nanoseconds deadline);
    // Wakes who waits in a call or polls for these events.
    void notify(vfs::PollMask events);
    // The pending error (SO_ERROR), once.
    void set_error(Errno error) { error_ = error; }
    bool has_error() const { return error_ != Errno{}; }
    Errno take_error();

    OptionValues options_;
    Linger linger_;
    threads::WaitQueue readers_;
    threads::WaitQueue writers_;

private:
    bool has_level(int level) const;
    Result<void> set_socket_option(int name, Bytes value);
    Result<std::size_t> get_socket_option(int name, MutableBytes out);

    int family_;
    int type_;
    Protocol protocol_;
    unsigned identity_;
    Errno error_{};
    Nanoseconds receive_timeout_{}; // 0: none
    Nanoseconds send_timeout_{};
    vfs::PollSource poll_source_;
};

// How sockets of AF_NETLINK are made: set by the component that has them, where it is linked.
using CreateSocket = Result<Ref<Socket>> (*)(int type, int protocol, std::uint32_t flags);
void set_netlink_family(CreateSocket create);

// socket(2) and socketpair(2); flags are open flags (non-blocking or none).
Result<Ref<Socket>> create(int family, int type, int protocol, std::uint32_t flags);
struct Pair {
    Ref<Socket> first;
    Ref<Socket> second;
};
Result<Pair> create_pair(int family, int type, int protocol, std::uint32_t flags);

// ebadf, or enotsock for what is no socket.
Result<Ref<Socket>> socket_of(int descriptor);

inline std::size_t total_size(Span<const Bytes> buffers) {
    std::size_t size = 0;
    for (const Bytes buffer : buffers)
        size += buffer.size();
    return size;
}

} // namespace os::sockets
