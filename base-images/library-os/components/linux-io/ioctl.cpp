// ioctl: what holds for every descriptor is done here, the rest is the file's own.
#include <linux-io/arguments.hpp>

#include <vfs/locks.hpp>

namespace os::linux {

namespace {

constexpr std::uint32_t k_set_non_blocking = 0x5421;    // FIONBIO
constexpr std::uint32_t k_clear_close_on_exec = 0x5450; // FIONCLEX
constexpr std::uint32_t k_set_close_on_exec = 0x5451;   // FIOCLEX
constexpr std::uint32_t k_set_async = 0x5452;           // FIOASYNC: SIGIO is never sent

Result<std::int64_t> set_non_blocking(vfs::File& file, std::uint64_t address) {
    const Span<const int> on = UNIK_TRY(memory::AppSpan<int>::readable(address, 1));
    const std::uint32_t others = file.flags() & ~vfs::k_open_non_blocking;
    file.set_flags(others | (on[0] != 0 ? vfs::k_open_non_blocking : 0));
    return std::int64_t{0};
}

Result<std::int64_t> run(const SyscallArguments& arguments) {
    const Ref<vfs::File> file = UNIK_TRY(file_argument(arguments, 0));
    const std::uint32_t request = arguments.as<std::uint32_t>(1);
    switch (request) {
    case k_set_non_blocking: return set_non_blocking(*file, arguments.value[2]);
    case k_set_close_on_exec:
    case k_clear_close_on_exec:
        UNIK_TRY(vfs::set_close_on_exec(arguments.as<int>(0), request == k_set_close_on_exec
                                                                  ? vfs::CloseOnExec::yes
                                                                  : vfs::CloseOnExec::no));
        return std::int64_t{0};
    case k_set_async: return std::int64_t{0};
    default: return file->control(request, arguments.value[2]);
    }
}

constexpr int k_lock_shared = 1;
constexpr int k_lock_exclusive = 2;
constexpr int k_lock_non_blocking = 4;
constexpr int k_lock_unlock = 8;

Result<std::size_t> lock(const SyscallArguments& arguments) {
    const Ref<vfs::File> file = UNIK_TRY(file_argument(arguments, 0));
    const int operation = arguments.as<int>(1);
    const int kind = operation & ~k_lock_non_blocking;
    if (kind == k_lock_unlock) {
        vfs::release_locks(*file);
        return std::size_t{0};
    }
    if (kind != k_lock_shared && kind != k_lock_exclusive)
        return Errno::einval;
    UNIK_TRY(vfs::lock(
        *file, kind == k_lock_exclusive ? vfs::LockKind::exclusive : vfs::LockKind::shared,
        (operation & k_lock_non_blocking) != 0 ? vfs::LockWait::no : vfs::LockWait::yes));
    return std::size_t{0};
}

} // namespace

std::int64_t ioctl(SyscallArguments& arguments) {
    return reply(run(arguments));
}

std::int64_t flock(SyscallArguments& arguments) {
    return reply_waiting(lock(arguments));
}

} // namespace os::linux
