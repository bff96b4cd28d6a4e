// fcntl: descriptor flags, status flags, locks, pipes. One table, a row for each command.
#include <linux-io/arguments.hpp>
#include <vfs/inode.hpp>
#include <vfs/record_locks.hpp>

namespace os::linux {

namespace {

using Command = Result<std::int64_t> (*)(vfs::File&, int descriptor, std::uint64_t argument);

constexpr std::uint32_t k_open_async = 020000;
constexpr std::uint32_t k_open_direct = 040000;
constexpr std::uint32_t k_open_no_access_time = 01000000;
constexpr std::uint32_t k_changeable = vfs::k_open_append | vfs::k_open_non_blocking |
                                       k_open_async | k_open_direct | k_open_no_access_time;

// struct flock of x86-64.
struct FileLock {
    std::int16_t type;
    std::int16_t whence;
    std::int32_t padding;
    std::int64_t start;
    std::int64_t length;
    std::int32_t process;
    std::int32_t padding_behind;
};
static_assert(sizeof(FileLock) == 32);
constexpr std::int16_t k_lock_read = 0;
constexpr std::int16_t k_lock_write = 1;
constexpr std::int16_t k_lock_none = 2;

enum class RecordOwner { process, open_file };
constexpr auto k_of_process = RecordOwner::process;
constexpr auto k_of_file = RecordOwner::open_file;

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

// The range that a struct flock names, from where in the file it counts (F_GETLK and others).
Result<void> fill_range(const FileLock& lock, vfs::File& file, vfs::RecordLock& out) {
    constexpr std::int64_t k_last = INT64_MAX;
    std::int64_t base = 0;
    if (lock.whence == vfs::k_seek_current)
        base = static_cast<std::int64_t>(UNIK_TRY(file.seek(0, vfs::k_seek_current)));
    else if (lock.whence == vfs::k_seek_end)
        base = static_cast<std::int64_t>(file.inode()->size());
    else if (lock.whence != vfs::k_seek_set)
        return Errno::einval;
    if (lock.start > k_last - base)
        return Errno::eoverflow;
    std::int64_t first = base + lock.start;
    std::int64_t last = k_last;
    if (first < 0)
        return Errno::einval;
    if (lock.length > 0) {
        if (lock.length - 1 > k_last - first)
            return Errno::eoverflow;
        last = first + lock.length - 1;
    } else if (lock.length < 0) {
        last = first - 1;
        if (first + lock.length < 0)
            return Errno::einval;
        first += lock.length;
    }
    out.first = static_cast<std::uint64_t>(first);
    out.last = static_cast<std::uint64_t>(last);
    return {};
}

Result<vfs::RecordLock> record_of(const FileLock& lock, vfs::File& file, RecordOwner owner) {
    vfs::RecordLock out;
    if (lock.type < k_lock_read || lock.type > k_lock_none)
        return Errno::einval;
    if (owner == RecordOwner::open_file && lock.process != 0)
        return Errno::einval;
    UNIK_TRY(fill_range(lock, file, out));
    out.inode = file.inode();
    out.owner = owner == RecordOwner::open_file ? &file : nullptr;
    out.kind = lock.type == k_lock_write ? vfs::LockKind::exclusive : vfs::LockKind::shared;
    return out;
}

template <RecordOwner owner>
Result<std::int64_t> test_lock(vfs::File& file, int, std::uint64_t address) {
    const Span<FileLock> in_program = UNIK_TRY(memory::AppSpan<FileLock>::writable(address, 1));
    FileLock lock = in_program[0];
    if (lock.type == k_lock_none)
        return Errno::einval;
    const vfs::RecordLock* held = nullptr;
    if (file.inode() != nullptr)
        held = vfs::find_record_conflict(UNIK_TRY(record_of(lock, file, owner)));
    lock.type = k_lock_none;
    if (held != nullptr) {
        lock.type = held->kind == vfs::LockKind::exclusive ? k_lock_write : k_lock_read;
        lock.whence = vfs::k_seek_set;
        lock.start = static_cast<std::int64_t>(held->first);
        lock.length = held->last == vfs::k_last_byte
                          ? 0
                          : static_cast<std::int64_t>(held->last - held->first + 1);
        lock.process = held->owner == nullptr ? 1 : -1;
    }
    in_program[0] = lock;
    return std::int64_t{0};
}

template <RecordOwner owner, vfs::LockWait wait>
Result<std::int64_t> set_lock(vfs::File& file, int, std::uint64_t address) {
    const FileLock lock = UNIK_TRY(memory::AppSpan<FileLock>::readable(address, 1))[0];
    if (file.inode() == nullptr)
        return std::int64_t{0}; // a pipe or the like: nobody else can have opened it
    const vfs::RecordLock record = UNIK_TRY(record_of(lock, file, owner));
    if ((lock.type == k_lock_read && !file.readable()) ||
        (lock.type == k_lock_write && !file.writable()))
        return Errno::ebadf;
    if (lock.type == k_lock_none)
        UNIK_TRY(vfs::unlock_record(record));
    else
        UNIK_TRY(vfs::lock_record(record, wait));
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

// What cannot be sealed knows nothing of seals.
Result<std::int64_t> of_sealable(const Result<std::int64_t>& answer) {
    if (!answer.ok() && answer.error() == Errno::enotty)
        return Errno::einval;
    return answer;
}

Result<std::int64_t> add_seals(vfs::File& file, int, std::uint64_t seals) {
    if (!file.writable())
        return Errno::eperm;
    return of_sealable(file.control(vfs::k_control_add_seals, seals));
}

Result<std::int64_t> seals(vfs::File& file, int, std::uint64_t) {
    return of_sealable(file.control(vfs::k_control_seals, 0));
}

constexpr struct {
    std::uint32_t command;
    Command run;
} k_commands[] = {
    {0, duplicate_plain},                            // F_DUPFD
    {1, descriptor_flags},                           // F_GETFD
    {2, set_descriptor_flags},                       // F_SETFD
    {3, status_flags},                               // F_GETFL
    {4, set_status_flags},                           // F_SETFL
    {5, test_lock<k_of_process>},                    // F_GETLK
    {6, set_lock<k_of_process, vfs::LockWait::no>},  // F_SETLK
    {7, set_lock<k_of_process, vfs::LockWait::yes>}, // F_SETLKW
    {8, accept},                                     // F_SETOWN: SIGIO is never sent
    {9, accept},                                     // F_GETOWN
    {10, accept},                                    // F_SETSIG
    {11, accept},                                    // F_GETSIG
    {36, test_lock<k_of_file>},                      // F_OFD_GETLK
    {37, set_lock<k_of_file, vfs::LockWait::no>},    // F_OFD_SETLK
    {38, set_lock<k_of_file, vfs::LockWait::yes>},   // F_OFD_SETLKW
    {1030, duplicate_closing},                       // F_DUPFD_CLOEXEC
    {1031, set_pipe_size},                           // F_SETPIPE_SZ
    {1032, pipe_size},                               // F_GETPIPE_SZ
    {1033, add_seals},                               // F_ADD_SEALS
    {1034, seals},                                   // F_GET_SEALS
};

// What a handle on a name (O_PATH) takes: F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_DUPFD_CLOEXEC.
bool for_any_file(std::uint32_t command) {
    constexpr std::uint32_t k_duplicate_closing = 1030;
    return command <= 3 || command == k_duplicate_closing;
}

Result<std::int64_t> run(const SyscallArguments& arguments) {
    const std::uint32_t command = arguments.as<std::uint32_t>(1);
    const Ref<vfs::File> file = UNIK_TRY(for_any_file(command) ? any_file_argument(arguments, 0)
                                                               : file_argument(arguments, 0));
    for (const auto& row : k_commands)
        if (row.command == command)
            return row.run(*file, arguments.as<int>(0), arguments.value[2]);
    return Errno::einval;
}

} // namespace

std::int64_t fcntl(SyscallArguments& arguments) {
    const Result<std::int64_t> result = run(arguments);
    if (result.ok())
        return result.value();
    if (result.error() == Errno::eintr)
        return syscall::k_restart;
    // Only pipes know the last two; others take no such command at all.
    return reply(Result<void>(result.error() == Errno::enotty ? Errno::ebadf : result.error()));
}

} // namespace os::linux
