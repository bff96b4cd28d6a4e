// Sending and receiving.
#include <clock/clock.hpp>
#include <memory/address_space.hpp>

#include "message.hpp"

namespace os {

using namespace linux_sockets;
using sockets::Socket;

namespace {
constexpr unsigned k_close_on_exec = 0x40000000; // MSG_CMSG_CLOEXEC
constexpr unsigned k_wait_for_one = 0x10000;     // MSG_WAITFORONE
constexpr std::size_t k_most_messages = 1024;
constexpr std::size_t k_most_bytes = 0x7ffff000; // MAX_RW_COUNT

struct MultiMessage { // struct mmsghdr
    MessageHeader header;
    std::uint32_t size;
    std::uint32_t padding;
};
static_assert(sizeof(MultiMessage) == 64);

std::size_t bounded(std::uint64_t size) {
    return static_cast<std::size_t>(size < k_most_bytes ? size : k_most_bytes);
}

Result<std::size_t> send_to(SyscallArguments& arguments) {
    const Ref<Socket> socket = UNIK_TRY(sockets::socket_of(arguments.as<int>(0)));
    const Bytes buffer = UNIK_TRY(
        memory::AppSpan<std::uint8_t>::readable(arguments.value[1], bounded(arguments.value[2])));
    sockets::SendRequest request;
    request.buffers = {&buffer, 1};
    request.flags = arguments.as<unsigned>(3);
    sockets::SocketAddress to;
    if (arguments.value[4] != 0) {
        to = UNIK_TRY(read_address(arguments.value[4], arguments.value[5]));
        request.to = &to;
    }
    return socket->send(request);
}

Result<std::size_t> receive_from(SyscallArguments& arguments) {
    const Ref<Socket> socket = UNIK_TRY(sockets::socket_of(arguments.as<int>(0)));
    const MutableBytes buffer = UNIK_TRY(
        memory::AppSpan<std::uint8_t>::writable(arguments.value[1], bounded(arguments.value[2])));
    sockets::ReceiveRequest request;
    request.buffers = {&buffer, 1};
    request.flags = arguments.as<unsigned>(3);
    const std::size_t size = UNIK_TRY(socket->receive(request));
    if (arguments.value[5] != 0)
        UNIK_TRY(write_address(request.from, arguments.value[4], arguments.value[5]));
    return size;
}

Result<std::size_t> send_message(Socket& socket, const MessageHeader& header, unsigned flags) {
    const Vector<Bytes> buffers = UNIK_TRY(readable_vectors(header.vectors, header.vector_count));
    sockets::SendRequest request;
    request.buffers = buffers.span();
    request.flags = flags;
    sockets::SocketAddress to;
    if (header.name != 0 && header.name_size != 0) {
        to = UNIK_TRY(read_address(header.name, header.name_size));
        request.to = &to;
    }
    UNIK_TRY(read_control(header, request));
    return socket.send(request);
}

// Fills the header's answers in the program's memory.
Result<std::size_t> receive_message(Socket& socket, MessageHeader& header, unsigned flags) {
    const Vector<MutableBytes> buffers =
        UNIK_TRY(writable_vectors(header.vectors, header.vector_count));
    sockets::ReceiveRequest request;
    request.buffers = buffers.span();
    request.flags = flags;
    const std::size_t size = UNIK_TRY(socket.receive(request));
    if (header.name != 0) {
        const std::size_t count =
            header.name_size < request.from.size ? header.name_size : request.from.size;
        auto out = UNIK_TRY(memory::AppSpan<std::uint8_t>::writable(header.name, count));
        __builtin_memcpy(out.data(), request.from.bytes, count);
        header.name_size = request.from.size;
    }
    const auto close_on_exec =
        (flags & k_close_on_exec) != 0 ? vfs::CloseOnExec::yes : vfs::CloseOnExec::no;
    UNIK_TRY(write_control(header, request, socket, close_on_exec));
    header.flags = static_cast<std::int32_t>(request.out_flags);
    return size;
}

Result<std::size_t> send_one(SyscallArguments& arguments) {
    const Ref<Socket> socket = UNIK_TRY(sockets::socket_of(arguments.as<int>(0)));
    auto header = UNIK_TRY(memory::AppSpan<MessageHeader>::readable(arguments.value[1], 1));
    return send_message(*socket, header[0], arguments.as<unsigned>(2));
}

Result<std::size_t> receive_one(SyscallArguments& arguments) {
    const Ref<Socket> socket = UNIK_TRY(sockets::socket_of(arguments.as<int>(0)));
    auto header = UNIK_TRY(memory::AppSpan<MessageHeader>::writable(arguments.value[1], 1));
    return receive_message(*socket, header[0], arguments.as<unsigned>(2));
}

Result<std::size_t> send_many(SyscallArguments& arguments) {
    const Ref<Socket> socket = UNIK_TRY(sockets::socket_of(arguments.as<int>(0)));
    const auto wanted = arguments.as<std::uint32_t>(2);
    const std::size_t count = wanted < k_most_messages ? wanted : k_most_messages;
    auto messages = UNIK_TRY(memory::AppSpan<MultiMessage>::writable(arguments.value[1], count));
    for (std::size_t i = 0; i < count; ++i) {
        const Result<std::size_t> sent =
            send_message(*socket, messages[i].header, arguments.as<unsigned>(3));
        if (!sent.ok())
            return i > 0 ? Result<std::size_t>(i) : sent;
        messages[i].size = static_cast<std::uint32_t>(sent.value());
    }
    return count;
}

struct Timespec {
    std::int64_t seconds;
    std::int64_t nanoseconds;
};

// The time that recvmmsg's timeout allows; it is looked at between messages only, as Linux does.
Result<Nanoseconds> limit_of(std::uint64_t address) {
    if (address == 0)
        return k_forever;
    auto time = UNIK_TRY(memory::AppSpan<Timespec>::readable(address, 1));
    if (time[0].seconds < 0 || time[0].nanoseconds < 0 || time[0].nanoseconds > 999999999)
        return Errno::einval;
    constexpr std::int64_t k_most_seconds = 1000000000;
    const std::int64_t seconds =
        time[0].seconds < k_most_seconds ? time[0].seconds : k_most_seconds;
    return clock::monotonic() + Nanoseconds{seconds * 1000000000 + time[0].nanoseconds};
}

Result<std::size_t> receive_many(SyscallArguments& arguments) {
    const Ref<Socket> socket = UNIK_TRY(sockets::socket_of(arguments.as<int>(0)));
    const auto wanted = arguments.as<std::uint32_t>(2);
    const std::size_t count = wanted < k_most_messages ? wanted : k_most_messages;
    auto messages = UNIK_TRY(memory::AppSpan<MultiMessage>::writable(arguments.value[1], count));
    unsigned flags = arguments.as<unsigned>(3);
    const bool wait_for_one = (flags & k_wait_for_one) != 0;
    flags &= ~k_wait_for_one;
    const Nanoseconds limit = UNIK_TRY(limit_of(arguments.value[4]));
    for (std::size_t i = 0; i < count; ++i) {
        if (i > 0 && clock::monotonic() >= limit)
            return i;
        const Result<std::size_t> received = receive_message(*socket, messages[i].header, flags);
        if (!received.ok())
            return i > 0 ? Result<std::size_t>(i) : received;
        messages[i].size = static_cast<std::uint32_t>(received.value());
        if (wait_for_one)
            flags |= sockets::k_message_do_not_wait;
    }
    return count;
}
} // namespace

namespace linux {

std::int64_t sendto(SyscallArguments& arguments) {
    return reply_sending(send_to(arguments), arguments.as<unsigned>(3));
}
std::int64_t recvfrom(SyscallArguments& arguments) {
    return reply_waiting(receive_from(arguments));
}
std::int64_t sendmsg(SyscallArguments& arguments) {
    return reply_sending(send_one(arguments), arguments.as<unsigned>(2));
}
std::int64_t recvmsg(SyscallArguments& arguments) {
    return reply_waiting(receive_one(arguments));
}
std::int64_t sendmmsg(SyscallArguments& arguments) {
    return reply_sending(send_many(arguments), arguments.as<unsigned>(3));
}
std::int64_t recvmmsg(SyscallArguments& arguments) {
    return reply_waiting(receive_many(arguments));
}

} // namespace linux
} // namespace os
