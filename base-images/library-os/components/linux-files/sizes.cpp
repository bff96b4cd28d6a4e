// The size of files, the memory they hold, and syncing, which has nothing to do in memory.
#include <linux-files/paths.hpp>

namespace os::linux {

namespace {

constexpr std::uint64_t k_keep_size = 1;   // FALLOC_FL_KEEP_SIZE
constexpr std::uint64_t k_punch_hole = 2;  // FALLOC_FL_PUNCH_HOLE
constexpr std::uint64_t k_zero_range = 16; // FALLOC_FL_ZERO_RANGE

Result<void> truncate_path(const SyscallArguments& arguments) {
    if (arguments.as<std::int64_t>(1) < 0)
        return Errno::einval;
    const StringView path = UNIK_TRY(path_argument(arguments, 0));
    const Ref<vfs::Inode> inode = UNIK_TRY(vfs::resolve(vfs::k_at_working_directory, path));
    if (inode->is_regular())
        UNIK_TRY(inode->check_changeable());
    return vfs::resize(*inode, arguments.value[1]);
}

Result<void> truncate_file(const SyscallArguments& arguments) {
    const Ref<vfs::File> file = UNIK_TRY(file_argument(arguments, 0));
    if (arguments.as<std::int64_t>(1) < 0 || !file->writable())
        return Errno::einval;
    return file->truncate(arguments.value[1]);
}

bool is_known_mode(std::uint64_t mode) {
    constexpr std::uint64_t k_modes[] = {0, k_keep_size, k_keep_size | k_punch_hole, k_zero_range,
                                         k_keep_size | k_zero_range};
    for (const std::uint64_t known : k_modes)
        if (mode == known)
            return true;
    return false;
}

Result<void> allocate(vfs::Inode& inode, std::uint64_t mode, std::uint64_t offset,
                      std::uint64_t size) {
    const bool keep_size = (mode & k_keep_size) != 0;
    if (!keep_size)
        UNIK_TRY(vfs::check_new_size(inode, offset + size));
    if ((mode & (k_punch_hole | k_zero_range)) != 0)
        UNIK_TRY(inode.punch_hole(offset, size));
    // Room beyond the end: writes find it as long as there is memory.
    if ((mode & k_punch_hole) != 0 || (keep_size && offset + size > inode.size()))
        return {};
    return inode.allocate(offset, size);
}

Result<void> allocate(const SyscallArguments& arguments) {
    const Ref<vfs::File> file = UNIK_TRY(file_argument(arguments, 0));
    const std::uint64_t mode = arguments.as<std::uint32_t>(1);
    const std::int64_t offset = arguments.as<std::int64_t>(2);
    const std::int64_t size = arguments.as<std::int64_t>(3);
    if (offset < 0 || size <= 0)
        return Errno::einval;
    if (!is_known_mode(mode))
        return Errno::eopnotsupp;
    if (!file->writable())
        return Errno::ebadf;
    vfs::Inode* inode = file->inode();
    if (inode == nullptr)
        return Errno::espipe;
    if (!inode->is_regular())
        return Errno::enodev;
    if (size > INT64_MAX - offset)
        return Errno::efbig;
    return allocate(*inode, mode, arguments.value[2], arguments.value[3]);
}

Result<void> synchronise(const SyscallArguments& arguments) {
    return UNIK_TRY(file_argument(arguments, 0))->synchronise();
}

// For calls that only advise: the descriptor must be one.
Result<void> check_descriptor(const SyscallArguments& arguments) {
    UNIK_TRY(file_argument(arguments, 0));
    return {};
}

Result<void> advise(const SyscallArguments& arguments) {
    const Ref<vfs::File> file = UNIK_TRY(file_argument(arguments, 0));
    if (file->inode() == nullptr)
        return Errno::espipe;
    return arguments.as<std::uint32_t>(3) <= 5 ? Result<void>() : Errno::einval;
}

} // namespace

std::int64_t truncate(SyscallArguments& arguments) {
    return reply(truncate_path(arguments));
}

std::int64_t ftruncate(SyscallArguments& arguments) {
    return reply(truncate_file(arguments));
}

std::int64_t fallocate(SyscallArguments& arguments) {
    return reply(allocate(arguments));
}

std::int64_t fsync(SyscallArguments& arguments) {
    return reply(synchronise(arguments));
}

std::int64_t fdatasync(SyscallArguments& arguments) {
    return reply(synchronise(arguments));
}

std::int64_t sync(SyscallArguments&) {
    return 0;
}

std::int64_t syncfs(SyscallArguments& arguments) {
    return reply(check_descriptor(arguments));
}

std::int64_t sync_file_range(SyscallArguments& arguments) {
    return reply(check_descriptor(arguments));
}

std::int64_t fadvise64(SyscallArguments& arguments) {
    return reply(advise(arguments));
}

std::int64_t readahead(SyscallArguments& arguments) {
    return reply(check_descriptor(arguments));
}

} // namespace os::linux
