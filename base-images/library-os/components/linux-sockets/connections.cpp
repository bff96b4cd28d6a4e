// Making sockets, naming and connecting them.
#include <memory/address_space.hpp>
#include <vfs/file_table.hpp>

#include "arguments.hpp"

namespace os {

using namespace linux_sockets;
using sockets::Socket;
using sockets::SocketAddress;

namespace {
constexpr int k_type_mask = 0xf;

// Splits socket(2)'s type into the type proper and the open flags.
struct Type {
    int type = 0;
    std::uint32_t flags = 0;
    vfs::CloseOnExec close_on_exec = vfs::CloseOnExec::no;
};

vfs::CloseOnExec close_on_exec_of(std::uint32_t flags) {
    return (flags & vfs::k_open_close_on_exec) != 0 ? vfs::CloseOnExec::yes : vfs::CloseOnExec::no;
}

Result<Type> split_type(std::uint32_t value) {
    Type out;
    out.type = static_cast<int>(value & k_type_mask);
    if ((value & ~(static_cast<std::uint32_t>(k_type_mask) | k_socket_flags)) != 0)
        return Errno::einval;
    out.flags = value & vfs::k_open_non_blocking;
    out.close_on_exec = close_on_exec_of(value);
    return out;
}

Result<std::size_t> make_socket(SyscallArguments& arguments) {
    const Type type = UNIK_TRY(split_type(arguments.as<std::uint32_t>(1)));
    Ref<Socket> socket = UNIK_TRY(
        sockets::create(arguments.as<int>(0), type.type, arguments.as<int>(2), type.flags));
    return static_cast<std::size_t>(UNIK_TRY(vfs::install(socket, type.close_on_exec)));
}

Result<void> make_pair(SyscallArguments& arguments) {
    const Type type = UNIK_TRY(split_type(arguments.as<std::uint32_t>(1)));
    auto out = UNIK_TRY(memory::AppSpan<std::int32_t>::writable(arguments.value[3], 2));
    sockets::Pair pair = UNIK_TRY(
        sockets::create_pair(arguments.as<int>(0), type.type, arguments.as<int>(2), type.flags));
    const int first = UNIK_TRY(vfs::install(pair.first, type.close_on_exec));
    const Result<int> second = vfs::install(pair.second, type.close_on_exec);
    if (!second.ok()) {
        (void)vfs::close(first);
        return second.error();
    }
    out[0] = first;
    out[1] = second.value();
    return {};
}

Result<std::size_t> accept_with(SyscallArguments& arguments, std::uint32_t flags) {
    if ((flags & ~k_socket_flags) != 0)
        return Errno::einval;
    const Ref<Socket> listener = UNIK_TRY(sockets::socket_of(arguments.as<int>(0)));
    UNIK_TRY(vfs::check_free_descriptor()); // the connection goes on waiting
    const Ref<Socket> socket = UNIK_TRY(listener->accept(flags & vfs::k_open_non_blocking));
    if (arguments.value[1] != 0) {
        const Result<SocketAddress> peer = socket->accepted_from();
        UNIK_TRY(write_address(peer.ok() ? peer.value() : SocketAddress{}, arguments.value[1],
                               arguments.value[2]));
    }
    return static_cast<std::size_t>(UNIK_TRY(vfs::install(socket, close_on_exec_of(flags))));
}

Result<void> bind_to(SyscallArguments& arguments) {
    const Ref<Socket> socket = UNIK_TRY(sockets::socket_of(arguments.as<int>(0)));
    return socket->bind(UNIK_TRY(read_address(arguments.value[1], arguments.value[2])));
}

Result<void> listen_with(SyscallArguments& arguments) {
    return UNIK_TRY(sockets::socket_of(arguments.as<int>(0)))->listen(arguments.as<int>(1));
}

Result<std::size_t> connect_to(SyscallArguments& arguments) {
    const Ref<Socket> socket = UNIK_TRY(sockets::socket_of(arguments.as<int>(0)));
    UNIK_TRY(socket->connect(UNIK_TRY(read_address(arguments.value[1], arguments.value[2]))));
    return std::size_t{0};
}

Result<void> shut_down(SyscallArguments& arguments) {
    const Ref<Socket> socket = UNIK_TRY(sockets::socket_of(arguments.as<int>(0)));
    const int how = arguments.as<int>(1);
    if (how < 0 || how > 2)
        return Errno::einval;
    return socket->shutdown(static_cast<sockets::ShutdownHow>(how));
}

Result<void> tell_name(SyscallArguments& arguments, Result<SocketAddress> (Socket::*ask)()) {
    const Ref<Socket> socket = UNIK_TRY(sockets::socket_of(arguments.as<int>(0)));
    if (arguments.value[1] == 0)
        return Errno::efault;
    const SocketAddress name = UNIK_TRY((socket.get()->*ask)());
    return write_address(name, arguments.value[1], arguments.value[2]);
}
} // namespace

namespace linux {

std::int64_t socket(SyscallArguments& arguments) {
    return reply(make_socket(arguments));
}
std::int64_t socketpair(SyscallArguments& arguments) {
    return reply(make_pair(arguments));
}
std::int64_t bind(SyscallArguments& arguments) {
    return reply(bind_to(arguments));
}
std::int64_t listen(SyscallArguments& arguments) {
    return reply(listen_with(arguments));
}
std::int64_t accept(SyscallArguments& arguments) {
    return reply_waiting(accept_with(arguments, 0));
}
std::int64_t accept4(SyscallArguments& arguments) {
    return reply_waiting(accept_with(arguments, arguments.as<std::uint32_t>(3)));
}
std::int64_t connect(SyscallArguments& arguments) {
    return reply_waiting(connect_to(arguments));
}
std::int64_t shutdown(SyscallArguments& arguments) {
    return reply(shut_down(arguments));
}
std::int64_t getsockname(SyscallArguments& arguments) {
    return reply(tell_name(arguments, &Socket::name));
}
std::int64_t getpeername(SyscallArguments& arguments) {
    return reply(tell_name(arguments, &Socket::peer_name));
}

} // namespace linux
} // namespace os
