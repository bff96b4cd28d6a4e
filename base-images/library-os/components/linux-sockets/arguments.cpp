#include "arguments.hpp"

#include <memory/address_space.hpp>
#include <vfs/hooks.hpp>

namespace os::linux_sockets {

using sockets::SocketAddress;

std::int64_t reply_waiting(Result<std::size_t> result) {
    if (!result.ok() && result.error() == Errno::eintr)
        return syscall::k_restart;
    return reply(result);
}

std::int64_t reply_sending(Result<std::size_t> result, unsigned flags) {
    if (!result.ok() && (flags & sockets::k_message_no_signal) == 0)
        vfs::report_broken_pipe(result.error());
    return reply_waiting(static_cast<Result<std::size_t>&&>(result));
}

Result<SocketAddress> read_address(std::uint64_t address, std::uint64_t size) {
    if (static_cast<std::int32_t>(size) < 0 || size > SocketAddress::k_most_bytes)
        return Errno::einval;
    const Bytes bytes =
        UNIK_TRY(memory::AppSpan<std::uint8_t>::readable(address, static_cast<std::size_t>(size)));
    return SocketAddress::from(bytes);
}

Result<void> write_address(const SocketAddress& from, std::uint64_t address,
                           std::uint64_t size_address) {
    if (address == 0)
        return {};
    auto size = UNIK_TRY(memory::AppSpan<std::int32_t>::writable(size_address, 1));
    if (size[0] < 0)
        return Errno::einval;
    const auto room = static_cast<std::size_t>(size[0]);
    const std::size_t count = room < from.size ? room : from.size;
    auto out = UNIK_TRY(memory::AppSpan<std::uint8_t>::writable(address, count));
    __builtin_memcpy(out.data(), from.bytes, count);
    size[0] = static_cast<std::int32_t>(from.size);
    return {};
}

} // namespace os::linux_sockets
