// What the handlers of socket calls share.
#pragma once

#include <sockets/socket.hpp>
#include <syscall/syscall.hpp>

namespace os::linux_sockets {

// A call that waited: an interrupted one is made again after the signal where the program asked for
// that.
std::int64_t reply_waiting(Result<std::size_t> result);
// The same, and a broken pipe raises SIGPIPE unless the flags forbid it.
std::int64_t reply_sending(Result<std::size_t> result, unsigned flags);

// An address that the program hands over.
Result<sockets::SocketAddress> read_address(std::uint64_t address, std::uint64_t size);
// An address for the program: as much as fits, and its full size at size_address.
Result<void> write_address(const sockets::SocketAddress& from, std::uint64_t address,
                           std::uint64_t size_address);

// The bits that socket(2) and accept4(2) take along (SOCK_NONBLOCK, SOCK_CLOEXEC).
inline constexpr std::uint32_t k_socket_flags =
    vfs::k_open_non_blocking | vfs::k_open_close_on_exec;

} // namespace os::linux_sockets
