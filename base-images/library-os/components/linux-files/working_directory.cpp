// The working directory, the creation mask, and the text of symbolic links.
#include <linux-files/paths.hpp>

namespace os::linux {

namespace {

Result<std::int64_t> put_working_directory(const SyscallArguments& arguments) {
    const Ref<vfs::Inode> directory = vfs::working_directory();
    if (!directory || directory->removed())
        return Errno::enoent;
    const String path = UNIK_TRY(vfs::path_of(*directory));
    const std::size_t size = path.size() + 1;
    if (arguments.value[1] < size)
        return Errno::erange;
    const Span<char> out = UNIK_TRY(memory::AppSpan<char>::writable(arguments.value[0], size));
    __builtin_memcpy(out.data(), path.data(), path.size());
    out[path.size()] = '\0';
    return static_cast<std::int64_t>(size);
}

Result<void> change_directory(const SyscallArguments& arguments) {
    const StringView path = UNIK_TRY(path_argument(arguments, 0));
    return vfs::set_working_directory(UNIK_TRY(vfs::resolve(vfs::k_at_working_directory, path)));
}

Result<void> change_to_descriptor(const SyscallArguments& arguments) {
    const Ref<vfs::File> file = UNIK_TRY(any_file_argument(arguments, 0));
    if (file->inode() == nullptr)
        return Errno::enotdir;
    return vfs::set_working_directory(Ref<vfs::Inode>::share(file->inode()));
}

Result<std::int64_t> put_link(int directory, Result<StringView> path, std::uint64_t address,
                              std::uint64_t size) {
    if (!path.ok())
        return path.error();
    if (static_cast<std::int64_t>(size) <= 0 || static_cast<int>(size) <= 0)
        return Errno::einval;
    // An empty path means the link that the descriptor was opened on (O_PATH | O_NOFOLLOW).
    Ref<vfs::Inode> inode;
    if (path->empty() && directory != vfs::k_at_working_directory) {
        const Ref<vfs::File> file = UNIK_TRY(vfs::file_of(directory));
        inode = Ref<vfs::Inode>::share(file->inode());
        if (!inode || !inode->is_symbolic_link())
            return Errno::enoent;
    } else {
        inode = UNIK_TRY(vfs::resolve(directory, path.value(), vfs::FollowLast::no));
    }
    const String text = UNIK_TRY(inode->read_link());
    const std::size_t count = text.size() < size ? text.size() : static_cast<std::size_t>(size);
    const Span<char> out = UNIK_TRY(memory::AppSpan<char>::writable(address, count));
    __builtin_memcpy(out.data(), text.data(), count);
    return static_cast<std::int64_t>(count);
}

} // namespace

std::int64_t getcwd(SyscallArguments& arguments) {
    return reply(put_working_directory(arguments));
}

std::int64_t chdir(SyscallArguments& arguments) {
    return reply(change_directory(arguments));
}

std::int64_t fchdir(SyscallArguments& arguments) {
    return reply(change_to_descriptor(arguments));
}

std::int64_t chroot(SyscallArguments&) {
    return reply(Result<void>(Errno::eperm));
}

std::int64_t umask(SyscallArguments& arguments) {
    return vfs::set_creation_mask(arguments.as<std::uint32_t>(0));
}

std::int64_t readlink(SyscallArguments& arguments) {
    return reply(put_link(vfs::k_at_working_directory, path_argument(arguments, 0),
                          arguments.value[1], arguments.value[2]));
}

std::int64_t readlinkat(SyscallArguments& arguments) {
    return reply(put_link(arguments.as<int>(0), path_argument(arguments, 1), arguments.value[2],
                          arguments.value[3]));
}

} // namespace os::linux
