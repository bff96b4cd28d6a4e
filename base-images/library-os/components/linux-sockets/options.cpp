// setsockopt(2) and getsockopt(2).
#include <memory/address_space.hpp>

#include "arguments.hpp"

namespace os {

using namespace linux_sockets;

namespace {
constexpr std::int32_t k_most_value = 4096;

Result<void> set(SyscallArguments& arguments) {
    const Ref<sockets::Socket> socket = UNIK_TRY(sockets::socket_of(arguments.as<int>(0)));
    const auto size = arguments.as<std::int32_t>(4);
    if (size < 0 || size > k_most_value)
        return Errno::einval;
    const Bytes value = UNIK_TRY(memory::AppSpan<std::uint8_t>::readable(
        arguments.value[3], static_cast<std::size_t>(size)));
    return socket->set_option(arguments.as<int>(1), arguments.as<int>(2), value);
}

Result<void> get(SyscallArguments& arguments) {
    const Ref<sockets::Socket> socket = UNIK_TRY(sockets::socket_of(arguments.as<int>(0)));
    auto size = UNIK_TRY(memory::AppSpan<std::int32_t>::writable(arguments.value[4], 1));
    if (size[0] < 0)
        return Errno::einval;
    const std::int32_t room = size[0] < k_most_value ? size[0] : k_most_value;
    const MutableBytes out = UNIK_TRY(memory::AppSpan<std::uint8_t>::writable(
        arguments.value[3], static_cast<std::size_t>(room)));
    size[0] = static_cast<std::int32_t>(
        UNIK_TRY(socket->get_option(arguments.as<int>(1), arguments.as<int>(2), out)));
    return {};
}
} // namespace

namespace linux {

std::int64_t setsockopt(SyscallArguments& arguments) {
    return reply(set(arguments));
}
std::int64_t getsockopt(SyscallArguments& arguments) {
    return reply(get(arguments));
}

} // namespace linux
} // namespace os
