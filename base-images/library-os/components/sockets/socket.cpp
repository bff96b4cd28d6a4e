#include <sockets/socket.hpp>

#include <foundation/format.hpp>
#include <memory/address_space.hpp>
#include <vfs/file_table.hpp>
#include <vfs/stat.hpp>

#include "interface_requests.hpp"

namespace os::sockets {

namespace {
constinit unsigned g_next_identity = 1;

// asm-generic/ioctls.h, linux/sockios.h
constexpr std::uint64_t k_bytes_to_read = 0x541b; // FIONREAD
constexpr std::uint64_t k_bytes_unsent = 0x5411;  // SIOCOUTQ

Result<std::int64_t> store_int(std::uint64_t address, std::size_t value) {
    auto out = UNIK_TRY(memory::AppSpan<std::int32_t>::writable(address, 1));
    out[0] = static_cast<std::int32_t>(value);
    return 0;
}
} // namespace

Socket::Socket(int family, int type, Protocol protocol, std::uint32_t flags)
    : File(flags | vfs::k_open_read_write), family_(family), type_(type), protocol_(protocol),
      identity_(g_next_identity++) {}

Result<void> Socket::listen(int) {
    return Errno::eopnotsupp;
}

Result<Ref<Socket>> Socket::accept(std::uint32_t) {
    return Errno::eopnotsupp;
}

void Socket::option_changed(int, int, std::int32_t) {}

Result<void> Socket::set_special(int, int, Bytes) {
    return Errno::enoprotoopt;
}

Result<std::size_t> Socket::get_special(int, int, MutableBytes) {
    return Errno::enoprotoopt;
}

Result<std::size_t> Socket::read(MutableBytes buffer) {
    return read_vector({&buffer, 1});
}

Result<std::size_t> Socket::write(Bytes buffer) {
    return write_vector({&buffer, 1});
}

Result<std::size_t> Socket::read_vector(Span<const MutableBytes> buffers) {
    ReceiveRequest request;
    request.buffers = buffers;
    return receive(request);
}

Result<std::size_t> Socket::write_vector(Span<const Bytes> buffers) {
    SendRequest request;
    request.buffers = buffers;
    return send(request);
}

Result<std::int64_t> Socket::control(std::uint64_t request, std::uint64_t argument) {
    if (request == k_bytes_to_read)
        return accepts_connections() ? Result<std::int64_t>(Errno::einval)
                                     : store_int(argument, readable_bytes());
    if (request == k_bytes_unsent)
        return store_int(argument, unsent_bytes());
    return interface_request(request, argument);
}

Result<void> Socket::status(vfs::Stat& out) {
    out = vfs::Stat{};
    out.device = 8;
    out.inode = identity_;
    out.mode = vfs::k_mode_socket | 0777;
    return {};
}

void Socket::describe(char* buffer, std::size_t size) {
    format(buffer, size, "socket:[%u]", identity_);
}

Nanoseconds Socket::deadline(Direction direction) const {
    const Nanoseconds timeout = direction == Direction::receive ? receive_timeout_ : send_timeout_;
    return timeout.value == 0 ? k_forever : clock::monotonic() + timeout;
}

bool Socket::may_wait(unsigned message_flags) const {
    return !non_blocking() && (message_flags & k_message_do_not_wait) == 0;
}

Result<void> Socket::wait(threads::WaitQueue& queue, Nanoseconds until) {
    switch (queue.wait(until)) {
    case threads::WakeReason::woken: return {};
    case threads::WakeReason::interrupted: return Errno::eintr;
    case threads::WakeReason::timed_out: break;
    }
    return Errno::eagain;
}

void Socket::notify(vfs::PollMask events) {
    constexpr vfs::PollMask k_both = vfs::k_poll_error | vfs::k_poll_hang_up;
    if ((events & (k_poll_readable | vfs::k_poll_read_hang_up | k_both)) != 0)
        readers_.wake_all();
    if ((events & (k_poll_writable | k_both)) != 0)
        writers_.wake_all();
    poll_source_.notify(events);
}

Errno Socket::take_error() {
    const Errno error = error_;
    error_ = Errno{};
    return error;
}

Result<Ref<Socket>> socket_of(int descriptor) {
    Ref<vfs::File> file = UNIK_TRY(vfs::file_of(descriptor));
    if (!file->is_socket())
        return Errno::enotsock;
    return Ref<Socket>::adopt(static_cast<Socket*>(file.leak()));
}

} // namespace os::sockets
