// read and write at the file's position or at a given one.
#include <linux-io/arguments.hpp>
#include <vfs/hooks.hpp>

namespace os::linux {

std::int64_t reply_waiting(const Result<std::size_t>& result) {
    if (result.ok())
        return static_cast<std::int64_t>(result.value());
    if (result.error() == Errno::eintr)
        return syscall::k_restart;
    return -static_cast<std::int64_t>(vfs::report_broken_pipe(result.error()));
}

namespace {

std::size_t clamped(std::uint64_t size) {
    return size < k_most_bytes ? static_cast<std::size_t>(size) : k_most_bytes;
}

enum class Position { current, given };

Result<std::size_t> read_into(const SyscallArguments& arguments, Position position) {
    const Ref<vfs::File> file = UNIK_TRY(file_argument(arguments, 0));
    if (!file->readable())
        return Errno::ebadf;
    const MutableBytes buffer = UNIK_TRY(
        memory::AppSpan<std::uint8_t>::writable(arguments.value[1], clamped(arguments.value[2])));
    if (position == Position::current)
        return file->read(buffer);
    if (arguments.as<std::int64_t>(3) < 0)
        return Errno::einval;
    return file->read_at(buffer, arguments.value[3]);
}

Result<std::size_t> write_from(const SyscallArguments& arguments, Position position) {
    const Ref<vfs::File> file = UNIK_TRY(file_argument(arguments, 0));
    if (!file->writable())
        return Errno::ebadf;
    const Bytes buffer = UNIK_TRY(
        memory::AppSpan<std::uint8_t>::readable(arguments.value[1], clamped(arguments.value[2])));
    if (position == Position::current)
        return file->write(buffer);
    if (arguments.as<std::int64_t>(3) < 0)
        return Errno::einval;
    return file->write_at(buffer, arguments.value[3]);
}

} // namespace

std::int64_t read(SyscallArguments& arguments) {
    return reply_waiting(read_into(arguments, Position::current));
}

std::int64_t write(SyscallArguments& arguments) {
    return reply_waiting(write_from(arguments, Position::current));
}

std::int64_t pread64(SyscallArguments& arguments) {
    return reply_waiting(read_into(arguments, Position::given));
}

std::int64_t pwrite64(SyscallArguments& arguments) {
    return reply_waiting(write_from(arguments, Position::given));
}

std::int64_t lseek(SyscallArguments& arguments) {
    const Result<Ref<vfs::File>> file = file_argument(arguments, 0);
    if (!file.ok())
        return reply(Result<void>(file.error()));
    return reply(file.value()->seek(arguments.as<std::int64_t>(1), arguments.as<int>(2)));
}

} // namespace os::linux
