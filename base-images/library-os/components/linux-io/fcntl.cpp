// fcntl: descriptor flags, status flags, locks, pipes. One table, a row for each command.
#include <linux-io/arguments.hpp>

namespace os::linux {

namespace {

using Command = Result<std::int64_t> (*)(vfs::File&, int descriptor, std::uint64_t argument);

constexpr std::uint32_t k_open_async = 020000;
constexpr std::uint32_t k_open_direct = 040000;
constexpr std::uint32_t k_open_no_access_time = 01000000;
constexpr std::uint32_t k_changeable = vfs::k_open_append | vfs::k_open_non_blocking |
                                       k_open_async | k_open_direct | k_open_no_access_time;

// struct flock of x86-64.
struct RecordLock {
    std::int16_t type;
    std::int16_t whence;
    std::int32_t padding;
    std::int64_t start;
    std::int64_t length;
    std::int32_t process;
    std::int32_t padding_behind;
};
static_assert(sizeof(RecordLock) == 32);
constexpr std::int16_t k_lock_read = 0;
constexpr std::int16_t k_lock_write = 1;
constexpr std::int16_t k_lock_none = 2;

Result<std::int64_t> duplicate(vfs::File& file, std::uint64_t from, vfs::CloseOnExec close) {
    const int first = static_cast<int>(from);
    if (first < 0 || static_cast<std::size_t>(first) >= vfs::descriptor_limit())
        return Errno::einval;
    return std::int64_t{UNIK_TRY(vfs::install(Ref<vfs::File>::share(&file), close, first))};
}

Result<std::int64_t> duplicate_plain(vfs::File& file, int, std::uint64_t from) {
    return duplicate(file, from, vfs::CloseOnExec::no);
}

Result<std::int64_t> duplicate_closing(vfs::File& file, int, std::uint64_t from) {
    return duplicate(file, from, vfs::CloseOnExec::yes);
}

Result<std::int64_t> descriptor_flags(vfs::File&, int descriptor, std::uint64_t) {
    return std::int64_t{UNIK_TRY(vfs::close_on_exec(descriptor)) == vfs::CloseOnExec::yes};
}

Result<std::int64_t> set_descriptor_flags(vfs::File&, int descriptor, std::uint64_t flags) {
    UNIK_TRY(vfs::set_close_on_exec(descriptor, (flags & 1) != 0 ? vfs::CloseOnExec::yes
                                                                 : vfs::CloseOnExec::no));
    return std::int64_t{0};
}

Result<std::int64_t> status_flags(vfs::File& file, int, std::uint64_t) {
    return std::int64_t{file.flags()};
}

Result<std::int64_t> set_status_flags(vfs::File& file, int, std::uint64_t flags) {
    file.set_flags((file.flags() & ~k_changeable) |
                   (static_cast<std::uint32_t>(flags) & k_changeable));
    return std::int64_t{0};
}

// Record locks belong to the process, and there is one: nobody can stand in the way.
Result<std::int64_t> test_lock(vfs::File&, int, std::uint64_t address) {
    const Span<RecordLock> lock = UNIK_TRY(memory::AppSpan<RecordLock>::writable(address, 1));
    if (lock[0].type != k_lock_read && lock[0].type != k_lock_write)
        return Errno::einval;
    lock[0].type = k_lock_none;
    return std::int64_t{0};
}

Result<std::int64_t> set_lock(vfs::File& file, int, std::uint64_t address) {
    const Span<const RecordLock> locks =
        UNIK_TRY(memory::AppSpan<RecordLock>::readable(address, 1));
    const RecordLock lock = locks[0];
    if (lock.type < k_lock_read || lock.type > k_lock_none || lock.whence < 0 || lock.whence > 2)
        return Errno::einval;
    if ((lock.type == k_lock_read && !file.readable()) ||
        (lock.type == k_lock_write && !file.writable()))
        return Errno::ebadf;
    return std::int64_t{0};
}

Result<std::int64_t> accept(vfs::File&, int, std::uint64_t) {
    return std::int64_t{0};
}

Result<std::int64_t> pipe_size(vfs::File& file, int, std::uint64_t) {
    return file.control(vfs::k_control_pipe_size, 0);
}

Result<std::int64_t> set_pipe_size(vfs::File& file, int, std::uint64_t size) {
    return file.control(vfs::k_control_set_pipe_size, size);
}

constexpr struct {
    std::uint32_t command;
    Command run;
} k_commands[] = {
    {0, duplicate_plain},      // F_DUPFD
    {1, descriptor_flags},     // F_GETFD
    {2, set_descriptor_flags}, // F_SETFD
    {3, status_flags},         // F_GETFL
    {4, set_status_flags},     // F_SETFL
    {5, test_lock},            // F_GETLK
    {6, set_lock},             // F_SETLK
    {7, set_lock},             // F_SETLKW
    {8, accept},               // F_SETOWN: SIGIO is never sent
    {9, accept},               // F_GETOWN
    {10, accept},              // F_SETSIG
    {11, accept},              // F_GETSIG
    {36, test_lock},           // F_OFD_GETLK
    {37, set_lock},            // F_OFD_SETLK
    {38, set_lock},            // F_OFD_SETLKW
    {1030, duplicate_closing}, // F_DUPFD_CLOEXEC
    {1031, set_pipe_size},     // F_SETPIPE_SZ
    {1032, pipe_size},         // F_GETPIPE_SZ
};

Result<std::int64_t> run(const SyscallArguments& arguments) {
    const Ref<vfs::File> file = UNIK_TRY(file_argument(arguments, 0));
    for (const auto& row : k_commands)
        if (row.command == arguments.as<std::uint32_t>(1))
            return row.run(*file, arguments.as<int>(0), arguments.value[2]);
    return Errno::einval;
}

} // namespace

std::int64_t fcntl(SyscallArguments& arguments) {
    Result<std::int64_t> result = run(arguments);
    // Only pipes know the last two; others take no such command at all.
    if (!result.ok() && result.error() == Errno::enotty)
        result = Errno::ebadf;
    return reply(result);
}

} // namespace os::linux
