// The system calls on epoll.
#include <linux-io/arguments.hpp>
#include <memory/address_space.hpp>
#include <vfs/inode.hpp>

#include "epoll.hpp"
#include "waiting.hpp"

namespace os::linux {

namespace {

enum Operation : int { operation_add = 1, operation_remove = 2, operation_modify = 3 };

constexpr int k_most_events = INT32_MAX / static_cast<int>(sizeof(EpollEvent));
// What may stand beside EPOLLEXCLUSIVE (Linux's EPOLLEXCLUSIVE_OK_BITS).
constexpr std::uint32_t k_exclusive_allowed = vfs::k_poll_in | vfs::k_poll_out | vfs::k_poll_error |
                                              vfs::k_poll_hang_up | k_epoll_wake_up | k_epoll_edge |
                                              k_epoll_exclusive;

Result<int> open_epoll(std::uint32_t flags) {
    if ((flags & ~vfs::k_open_close_on_exec) != 0)
        return Errno::einval;
    return vfs::install(UNIK_TRY(try_make_ref<Epoll>()),
                        flags != 0 ? vfs::CloseOnExec::yes : vfs::CloseOnExec::no);
}

// The file behind a descriptor as an epoll, kept open meanwhile.
struct OpenEpoll {
    Ref<vfs::File> file;
    Epoll* epoll;
};

Result<OpenEpoll> epoll_argument(const SyscallArguments& arguments) {
    Ref<vfs::File> file = UNIK_TRY(file_argument(arguments, 0));
    Epoll* epoll = Epoll::from(*file);
    if (epoll == nullptr)
        return Errno::einval;
    return OpenEpoll{std::move(file), epoll};
}

// Regular files and directories are always ready: Linux refuses to watch them.
bool can_be_watched(vfs::File& file) {
    return file.inode() == nullptr || !(file.inode()->is_regular() || file.inode()->is_directory());
}

Result<void> change(const SyscallArguments& arguments) {
    const int operation = arguments.as<int>(1);
    const int descriptor = arguments.as<int>(2);
    EpollEvent event{};
    if (operation != operation_remove)
        event = UNIK_TRY(memory::AppSpan<EpollEvent>::readable(arguments.value[3], 1))[0];
    const Ref<vfs::File> own = UNIK_TRY(file_argument(arguments, 0));
    const Ref<vfs::File> file = UNIK_TRY(vfs::file_of(descriptor));
    if (!can_be_watched(*file))
        return Errno::eperm;
    const OpenEpoll target = UNIK_TRY(epoll_argument(arguments));
    if (file.get() == own.get())
        return Errno::einval;
    if ((event.events & k_epoll_exclusive) != 0 &&
        (operation == operation_modify || (event.events & ~k_exclusive_allowed) != 0 ||
         Epoll::from(*file) != nullptr))
        return Errno::einval;
    switch (operation) {
    case operation_add: return target.epoll->add(*file, descriptor, event);
    case operation_modify: return target.epoll->modify(*file, descriptor, event);
    case operation_remove: return target.epoll->remove(*file, descriptor);
    default: return Errno::einval;
    }
}

Result<int> wait_for_events(const SyscallArguments& arguments, Nanoseconds deadline) {
    const int count = arguments.as<int>(2);
    if (count <= 0 || count > k_most_events)
        return Errno::einval;
    const Span<EpollEvent> out = UNIK_TRY(
        memory::AppSpan<EpollEvent>::writable(arguments.value[1], static_cast<std::size_t>(count)));
    const OpenEpoll target = UNIK_TRY(epoll_argument(arguments));
    return target.epoll->wait(out, deadline);
}

std::int64_t wait_masked(const SyscallArguments& arguments, Nanoseconds deadline) {
    const Result<MaskedWait> mask = MaskedWait::begin(arguments.value[4], arguments.value[5]);
    if (!mask.ok())
        return reply(Result<void>(mask.error()));
    return mask.value().end(wait_for_events(arguments, deadline));
}

} // namespace

std::int64_t epoll_create(SyscallArguments& arguments) {
    if (arguments.as<int>(0) <= 0)
        return reply(Result<void>(Errno::einval));
    return reply(open_epoll(0));
}

std::int64_t epoll_create1(SyscallArguments& arguments) {
    return reply(open_epoll(arguments.as<std::uint32_t>(0)));
}

std::int64_t epoll_ctl(SyscallArguments& arguments) {
    return reply(change(arguments));
}

std::int64_t epoll_wait(SyscallArguments& arguments) {
    return reply(wait_for_events(arguments, deadline_after_milliseconds(arguments.as<int>(3))));
}

std::int64_t epoll_pwait(SyscallArguments& arguments) {
    return wait_masked(arguments, deadline_after_milliseconds(arguments.as<int>(3)));
}

std::int64_t epoll_pwait2(SyscallArguments& arguments) {
    const Result<Nanoseconds> deadline = deadline_argument(arguments.value[3]);
    if (!deadline.ok())
        return reply(Result<void>(deadline.error()));
    return wait_masked(arguments, deadline.value());
}

} // namespace os::linux
