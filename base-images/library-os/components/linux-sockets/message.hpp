// struct msghdr and the control messages behind it (linux/socket.h).
#pragma once

#include <vfs/file_table.hpp>

#include "arguments.hpp"

namespace os::linux_sockets {

struct MessageHeader {
    std::uint64_t name;
    std::uint32_t name_size;
    std::uint32_t padding;
    std::uint64_t vectors;
    std::uint64_t vector_count;
    std::uint64_t control;
    std::uint64_t control_size;
    std::int32_t flags;
    std::uint32_t padding2;
};
static_assert(sizeof(MessageHeader) == 56);

inline constexpr std::size_t k_most_vectors = 1024; // UIO_MAXIOV

// The buffers that an array of struct iovec describes, checked.
Result<Vector<Bytes>> readable_vectors(std::uint64_t address, std::uint64_t count);
Result<Vector<MutableBytes>> writable_vectors(std::uint64_t address, std::uint64_t count);

// Control messages of the program: files to pass on, the source of a datagram.
Result<void> read_control(const MessageHeader& header, sockets::SendRequest& request);
// Control messages for the program; tells in header.control_size how much there is. What does not
// fit sets MSG_CTRUNC.
Result<void> write_control(MessageHeader& header, sockets::ReceiveRequest& request,
                           const sockets::Socket& socket, vfs::CloseOnExec close_on_exec);

} // namespace os::linux_sockets
