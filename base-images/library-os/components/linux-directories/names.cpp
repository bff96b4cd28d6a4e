// Names: the calls with and without a directory descriptor are one function each.
#include <linux-files/paths.hpp>

namespace os::linux {

namespace {

constexpr int k_here = vfs::k_at_working_directory;
constexpr std::uint32_t k_at_remove_directory = 0x200;
constexpr std::uint32_t k_at_follow = 0x400;
constexpr std::uint32_t k_rename_no_replace = 1;
constexpr std::uint32_t k_rename_exchange = 2;

// Two paths of one call; the second of a link is a target, not a path.
struct Place {
    int directory;
    unsigned path_index;
};

Result<void> make_directory(const SyscallArguments& arguments, Place place, unsigned mode_index) {
    return vfs::make_directory(place.directory,
                               UNIK_TRY(path_argument(arguments, place.path_index)),
                               arguments.as<std::uint32_t>(mode_index));
}

Result<void> make_node(const SyscallArguments& arguments, Place place, unsigned mode_index) {
    return vfs::make_file(place.directory, UNIK_TRY(path_argument(arguments, place.path_index)),
                          arguments.as<std::uint32_t>(mode_index));
}

Result<void> remove(const SyscallArguments& arguments, Place place, std::uint32_t flags) {
    if ((flags & ~k_at_remove_directory) != 0)
        return Errno::einval;
    const StringView path = UNIK_TRY(path_argument(arguments, place.path_index));
    return flags != 0 ? vfs::remove_directory(place.directory, path)
                      : vfs::remove_file(place.directory, path);
}

Result<void> move(const SyscallArguments& arguments, Place from, Place to, std::uint32_t flags) {
    auto replace = vfs::Inode::Replace::yes;
    if (flags == k_rename_no_replace)
        replace = vfs::Inode::Replace::no;
    else if (flags == k_rename_exchange)
        replace = vfs::Inode::Replace::exchange;
    else if (flags != 0)
        return Errno::einval;
    return vfs::rename(from.directory, UNIK_TRY(path_argument(arguments, from.path_index)),
                       to.directory, UNIK_TRY(path_argument(arguments, to.path_index)), replace);
}

Result<void> make_hard_link(const SyscallArguments& arguments, Place from, Place to,
                            std::uint32_t flags) {
    if ((flags & ~(k_at_follow | k_at_empty_path)) != 0)
        return Errno::einval;
    const StringView old_path = UNIK_TRY(path_argument(arguments, from.path_index));
    Ref<vfs::Inode> inode;
    if (old_path.empty() && (flags & k_at_empty_path) != 0) {
        const Ref<vfs::File> file = UNIK_TRY(vfs::file_of(from.directory));
        inode = Ref<vfs::Inode>::share(file->inode());
        if (!inode)
            return Errno::exdev;
    } else {
        inode = UNIK_TRY(
            vfs::resolve(from.directory, old_path,
                         (flags & k_at_follow) != 0 ? vfs::FollowLast::yes : vfs::FollowLast::no));
    }
    return vfs::link(std::move(inode), to.directory,
                     UNIK_TRY(path_argument(arguments, to.path_index)));
}

Result<void> make_symbolic_link(const SyscallArguments& arguments, Place place) {
    const StringView target = UNIK_TRY(path_argument(arguments, 0));
    return vfs::make_symbolic_link(target, place.directory,
                                   UNIK_TRY(path_argument(arguments, place.path_index)));
}

Place at(const SyscallArguments& arguments, unsigned directory_index) {
    return {arguments.as<int>(directory_index), directory_index + 1};
}

} // namespace

std::int64_t mkdir(SyscallArguments& arguments) {
    return reply(make_directory(arguments, {k_here, 0}, 1));
}

std::int64_t mkdirat(SyscallArguments& arguments) {
    return reply(make_directory(arguments, at(arguments, 0), 2));
}

std::int64_t mknod(SyscallArguments& arguments) {
    return reply(make_node(arguments, {k_here, 0}, 1));
}

std::int64_t mknodat(SyscallArguments& arguments) {
    return reply(make_node(arguments, at(arguments, 0), 2));
}

std::int64_t rmdir(SyscallArguments& arguments) {
    return reply(remove(arguments, {k_here, 0}, k_at_remove_directory));
}

std::int64_t unlink(SyscallArguments& arguments) {
    return reply(remove(arguments, {k_here, 0}, 0));
}

std::int64_t unlinkat(SyscallArguments& arguments) {
    return reply(remove(arguments, at(arguments, 0), arguments.as<std::uint32_t>(2)));
}

std::int64_t rename(SyscallArguments& arguments) {
    return reply(move(arguments, {k_here, 0}, {k_here, 1}, 0));
}

std::int64_t renameat(SyscallArguments& arguments) {
    return reply(move(arguments, at(arguments, 0), at(arguments, 2), 0));
}

std::int64_t renameat2(SyscallArguments& arguments) {
    return reply(
        move(arguments, at(arguments, 0), at(arguments, 2), arguments.as<std::uint32_t>(4)));
}

std::int64_t link(SyscallArguments& arguments) {
    return reply(make_hard_link(arguments, {k_here, 0}, {k_here, 1}, 0));
}

std::int64_t linkat(SyscallArguments& arguments) {
    return reply(make_hard_link(arguments, at(arguments, 0), at(arguments, 2),
                                arguments.as<std::uint32_t>(4)));
}

std::int64_t symlink(SyscallArguments& arguments) {
    return reply(make_symbolic_link(arguments, {k_here, 1}));
}

std::int64_t symlinkat(SyscallArguments& arguments) {
    return reply(make_symbolic_link(arguments, at(arguments, 1)));
}

} // namespace os::linux
