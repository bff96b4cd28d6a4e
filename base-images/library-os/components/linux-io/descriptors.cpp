// close, dup, and their variants.
#include <linux-io/arguments.hpp>

namespace os::linux {

namespace {

constexpr std::uint64_t k_close_range_unshare = 2;
constexpr std::uint64_t k_close_range_mark = 4; // CLOSE_RANGE_CLOEXEC

Result<int> duplicate(const SyscallArguments& arguments) {
    return vfs::install(UNIK_TRY(any_file_argument(arguments, 0)));
}

Result<int> duplicate_at(const SyscallArguments& arguments, vfs::CloseOnExec close_on_exec) {
    Ref<vfs::File> file = UNIK_TRY(any_file_argument(arguments, 0));
    return vfs::install_at(std::move(file), arguments.as<int>(1), close_on_exec);
}

} // namespace

std::int64_t close(SyscallArguments& arguments) {
    return reply(vfs::close(arguments.as<int>(0)));
}

std::int64_t close_range(SyscallArguments& arguments) {
    const unsigned first = arguments.as<unsigned>(0);
    const unsigned last = arguments.as<unsigned>(1);
    const std::uint64_t flags = arguments.value[2];
    if (first > last || (flags & ~(k_close_range_unshare | k_close_range_mark)) != 0)
        return reply(Result<void>(Errno::einval));
    if ((flags & k_close_range_mark) != 0)
        vfs::mark_range_close_on_exec(first, last);
    else
        vfs::close_range(first, last);
    return 0;
}

std::int64_t dup(SyscallArguments& arguments) {
    return reply(duplicate(arguments));
}

std::int64_t dup2(SyscallArguments& arguments) {
    if (arguments.as<int>(0) == arguments.as<int>(1)) {
        const Result<Ref<vfs::File>> file = any_file_argument(arguments, 0);
        return file.ok() ? arguments.as<int>(0) : reply(Result<void>(file.error()));
    }
    return reply(duplicate_at(arguments, vfs::CloseOnExec::no));
}

std::int64_t dup3(SyscallArguments& arguments) {
    const std::uint32_t flags = arguments.as<std::uint32_t>(2);
    if ((flags & ~vfs::k_open_close_on_exec) != 0 || arguments.as<int>(0) == arguments.as<int>(1))
        return reply(Result<void>(Errno::einval));
    return reply(
        duplicate_at(arguments, flags != 0 ? vfs::CloseOnExec::yes : vfs::CloseOnExec::no));
}

} // namespace os::linux
