// Names and connections of Unix sockets (unix(7)).
#include "unix_socket.hpp"

#include <foundation/format.hpp>
#include <vfs/path.hpp>
#include <vfs/stat.hpp>

namespace os::sockets {

namespace {
constinit List<UnixSocket, UnixSocketsTag> g_sockets;
constinit unsigned g_next_name = 0;
constexpr std::size_t k_family_size = 2;
constexpr std::size_t k_most_backlog = 4096;

// The path of an address; empty for an abstract one.
StringView path_of(const SocketAddress& address) {
    const char* text = reinterpret_cast<const char*>(address.bytes) + k_family_size;
    const std::size_t most = address.size - k_family_size;
    std::size_t size = 0;
    while (size < most && text[size] != '\0')
        ++size;
    return {text, size};
}

bool same_bytes(const SocketAddress& a, const SocketAddress& b) {
    return a.size == b.size && __builtin_memcmp(a.bytes, b.bytes, a.size) == 0;
}

Result<void> check(const SocketAddress& address) {
    constexpr std::size_t k_most = k_family_size + 108; // sun_path
    if (address.size < k_family_size || address.size > k_most)
        return Errno::einval;
    return address.family() == k_family_unix ? Result<void>() : Result<void>(Errno::einval);
}
} // namespace

List<UnixSocket, UnixSocketsTag>& UnixSocket::all_sockets() {
    return g_sockets;
}

UnixSocket::UnixSocket(int type, std::uint32_t flags)
    : Socket(k_family_unix, type, Protocol::local, flags) {
    g_sockets.push_back(*this);
}

UnixSocket::~UnixSocket() {
    disconnect();
    ListNode<UnixSocketsTag>::unlink();
    while (!queue_.empty())
        finish_first();
}

void UnixSocket::set_peer(UnixSocket* peer) {
    if (peer_ != nullptr)
        --peer_->followers_;
    peer_ = peer;
    if (peer_ != nullptr)
        ++peer_->followers_;
}

// The one that this one's messages came to or from is closed, with messages that nobody has read.
void UnixSocket::lose_peer(bool unread) {
    set_peer(nullptr);
    if (type() == k_type_datagram) { // notices when it sends
        peer_gone_ = true;
        return;
    }
    end_received_ = true;
    if (unread)
        set_error(Errno::econnreset);
    notify(k_poll_readable | k_poll_writable | vfs::k_poll_hang_up | vfs::k_poll_read_hang_up);
}

// Nobody points here any more after this. Most have but their own peer to tell.
void UnixSocket::disconnect() {
    const bool unread = !queue_.empty();
    state_ = State::closed;
    waiting_.clear();
    space_.wake_all();
    if (peer_ != nullptr && peer_->peer_ == this)
        peer_->lose_peer(unread);
    for (UnixSocket* other = g_sockets.front(); followers_ != 0; other = g_sockets.next(*other))
        if (other->peer_ == this)
            other->lose_peer(unread);
    set_peer(nullptr);
}

void UnixSocket::last_descriptor_closed() {
    disconnect();
    inode_ = {};
    bound_ = false;
    collect_cycles();
}

Credentials UnixSocket::peer_credentials() const {
    const bool knows_peer = state_ == State::connected || state_ == State::listening;
    return knows_peer ? Credentials{} : Socket::peer_credentials();
}

void UnixSocket::option_changed(int level, int name, std::int32_t value) {
    if (level == k_level_socket && name == static_cast<int>(SocketOption::pass_credentials))
        passes_credentials_ = value != 0;
}

// A datagram socket that is connected hears nobody but its peer.
bool UnixSocket::takes_from(const UnixSocket& sender) const {
    return type() != k_type_datagram || peer_ == nullptr || peer_ == &sender;
}

void UnixSocket::connect_pair(UnixSocket& first, UnixSocket& second) {
    first.set_peer(&second);
    second.set_peer(&first);
    first.state_ = second.state_ = State::connected;
    first.peer_name_ = second.name_;
    second.peer_name_ = first.name_;
}

Result<void> UnixSocket::bind_to_path(StringView path) {
    const vfs::LastName last =
        UNIK_TRY(vfs::resolve_last(vfs::k_at_working_directory, path, vfs::FollowLast::no));
    if (last.inode)
        return Errno::eaddrinuse;
    inode_ = UNIK_TRY(
        last.directory->create(last.view(), vfs::k_mode_socket | (0777 & ~vfs::creation_mask())));
    return {};
}

Result<void> UnixSocket::bind(const SocketAddress& address) {
    UNIK_TRY(check(address));
    if (name_.size != 0)
        return Errno::einval;
    SocketAddress wanted = address;
    if (address.size == k_family_size) { // any abstract name
        char text[8];
        const std::size_t size = format(text, sizeof text, "%05x", g_next_name++);
        wanted.bytes[k_family_size] = 0;
        __builtin_memcpy(wanted.bytes + k_family_size + 1, text, size);
        wanted.size = static_cast<std::uint32_t>(k_family_size + 1 + size);
    }
    const StringView path = path_of(wanted);
    if (!path.empty()) {
        UNIK_TRY(bind_to_path(path));
        wanted.size = static_cast<std::uint32_t>(k_family_size + path.size() + 1);
        wanted.bytes[wanted.size - 1] = 0;
    } else if (find(wanted, 0).ok()) {
        return Errno::eaddrinuse;
    }
    name_ = wanted;
    bound_ = true;
    return {};
}

// The socket that is bound to the address; econnrefused when there is none, eprototype when it is
// of another type (0: any).
Result<Ref<UnixSocket>> UnixSocket::find(const SocketAddress& address, int type) {
    const StringView path = path_of(address);
    Ref<vfs::Inode> inode;
    if (!path.empty())
        inode = UNIK_TRY(vfs::resolve(vfs::k_at_working_directory, path));
    UnixSocket* found = nullptr;
    g_sockets.for_each([&](UnixSocket& socket) {
        const bool matches =
            path.empty() ? same_bytes(socket.name_, address) : socket.inode_.get() == inode.get();
        if (socket.bound_ && matches)
            found = &socket;
    });
    if (found == nullptr)
        return Errno::econnrefused;
    if (type != 0 && found->type() != type)
        return Errno::eprototype;
    return Ref<UnixSocket>::share(found);
}

Result<void> UnixSocket::connect(const SocketAddress& address) {
    if (type() == k_type_datagram && address.family() == k_family_unspecified) {
        set_peer(nullptr);
        return {};
    }
    UNIK_TRY(check(address));
    if (address.size == k_family_size)
        return Errno::einval;
    if (type() == k_type_datagram) {
        const Ref<UnixSocket> target = UNIK_TRY(find(address, type()));
        if (!target->takes_from(*this))
            return Errno::eperm;
        set_peer(target.get());
        peer_gone_ = false;
        peer_name_ = peer_->name_;
        state_ = State::connected;
        return {};
    }
    if (state_ != State::fresh)
        return state_ == State::connected ? Errno::eisconn : Errno::einval;
    const Ref<UnixSocket> listener = UNIK_TRY(find(address, type()));
    const Nanoseconds until = deadline(Direction::send);
    while (listener->state_ == State::listening && listener->waiting_.size() > listener->backlog_) {
        if (non_blocking())
            return Errno::eagain;
        UNIK_TRY(wait(listener->space_, until));
    }
    if (listener->state_ != State::listening)
        return Errno::econnrefused;
    auto server = UNIK_TRY(try_make_ref<UnixSocket>(type(), std::uint32_t{0}));
    server->name_ = listener->name_;
    server->options_ = listener->options_;
    server->passes_credentials_ = listener->passes_credentials_;
    UNIK_TRY(listener->waiting_.push(server));
    connect_pair(*this, *server);
    listener->notify(k_poll_readable);
    return {};
}

Result<void> UnixSocket::listen(int backlog) {
    if (type() == k_type_datagram)
        return Errno::eopnotsupp;
    if (name_.size == 0 || (state_ != State::fresh && state_ != State::listening))
        return Errno::einval;
    backlog_ = backlog < 0 || static_cast<std::size_t>(backlog) > k_most_backlog
                   ? k_most_backlog
                   : static_cast<std::size_t>(backlog);
    state_ = State::listening;
    return {};
}

Result<Ref<Socket>> UnixSocket::accept(std::uint32_t flags) {
    if (type() == k_type_datagram)
        return Errno::eopnotsupp;
    const Nanoseconds until = deadline(Direction::receive);
    while (state_ == State::listening && waiting_.empty()) {
        if (non_blocking())
            return Errno::eagain;
        UNIK_TRY(wait(readers_, until));
    }
    if (state_ != State::listening)
        return Errno::einval;
    Ref<UnixSocket> accepted = waiting_[0];
    waiting_.erase(0);
    space_.wake_one();
    accepted->set_flags(flags | vfs::k_open_read_write);
    return Ref<Socket>(accepted);
}

Result<SocketAddress> UnixSocket::name() {
    SocketAddress shown = name_;
    if (shown.size == 0) {
        shown.bytes[0] = k_family_unix;
        shown.size = k_family_size;
    }
    return shown;
}

Result<SocketAddress> UnixSocket::peer_name() {
    if (state_ != State::connected)
        return Errno::enotconn;
    SocketAddress shown = peer_name_;
    if (shown.size == 0) {
        shown.bytes[0] = k_family_unix;
        shown.size = k_family_size;
    }
    return shown;
}

Result<void> UnixSocket::shutdown(ShutdownHow how) {
    if (state_ != State::connected)
        return Errno::enotconn;
    if (how != ShutdownHow::read) {
        shut_write_ = true;
        if (peer_ != nullptr && type() != k_type_datagram) {
            peer_->end_received_ = true;
            peer_->notify(k_poll_readable | vfs::k_poll_read_hang_up |
                          (peer_->shut_write_ ? vfs::k_poll_hang_up : 0));
        }
    }
    if (how != ShutdownHow::write) {
        shut_read_ = true;
        tell_writers();
    }
    notify(k_poll_readable | k_poll_writable | vfs::k_poll_read_hang_up |
           (shut_write_ && (shut_read_ || end_received_) ? vfs::k_poll_hang_up : 0));
    return {};
}

vfs::PollMask UnixSocket::poll() {
    if (state_ == State::listening)
        return waiting_.empty() ? 0 : k_poll_readable;
    const bool no_reading = end_received_ || shut_read_;
    vfs::PollMask mask = has_error() ? vfs::k_poll_error : 0;
    if (!queue_.empty() || no_reading)
        mask |= k_poll_readable;
    if (no_reading)
        mask |= vfs::k_poll_read_hang_up;
    const bool unconnected = type() != k_type_datagram && state_ != State::connected;
    const bool peer_gone = type() != k_type_datagram && peer_ == nullptr;
    if (unconnected || peer_gone || (no_reading && shut_write_))
        mask |= vfs::k_poll_hang_up;
    if (peer_ == nullptr || shut_write_ || !peer_->full())
        mask |= k_poll_writable;
    return mask;
}

} // namespace os::sockets
