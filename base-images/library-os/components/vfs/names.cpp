// Making, removing and moving names.
#include <vfs/mount.hpp>
#include <vfs/path.hpp>

namespace os::vfs {

namespace {

std::uint32_t masked(std::uint32_t kind, std::uint32_t mode) {
    return kind | (mode & k_mode_permissions & ~creation_mask());
}

bool is_mounted(const Inode& inode) {
    return mount_of_root(inode) != nullptr;
}

bool names_root(StringView path) {
    for (const char c : path)
        if (c != '/')
            return false;
    return true;
}

bool is_within(Inode& inode, const Inode& directory) {
    for (Inode* at = &inode; at != nullptr; at = at->parent())
        if (at == &directory)
            return true;
    return false;
}

// The place for a new name that is not to be a directory. As on Linux, that a file system does not
// change is said of a name that is free, and before one that is to go is looked for.
Result<LastName> place_for_new(int directory, StringView path) {
    LastName last = UNIK_TRY(resolve_last(directory, path, FollowLast::never));
    if (last.inode)
        return Errno::eexist;
    if (last.wants_directory)
        return Errno::enoent;
    UNIK_TRY(last.directory->check_changeable());
    return last;
}

} // namespace

Result<void> make_directory(int directory, StringView path, std::uint32_t mode) {
    const LastName last = UNIK_TRY(resolve_last(directory, path, FollowLast::never));
    if (last.inode)
        return Errno::eexist;
    UNIK_TRY(last.directory->check_changeable());
    UNIK_TRY(last.directory->create(last.view(), masked(k_mode_directory, mode)));
    return {};
}

Result<void> make_directories(StringView path) {
    for (std::size_t i = 1; i <= path.size(); ++i) {
        if (i < path.size() && path[i] != '/')
            continue;
        const Result<void> made = make_directory(k_at_working_directory, path.part(0, i), 0755);
        if (!made.ok() && made.error() != Errno::eexist)
            return made.error();
    }
    return {};
}

Result<void> make_file(int directory, StringView path, std::uint32_t mode) {
    const std::uint32_t kind = mode & k_mode_kind_mask;
    const LastName last = UNIK_TRY(place_for_new(directory, path));
    if (kind != 0 && kind != k_mode_regular)
        return Errno::eperm;
    UNIK_TRY(last.directory->create(last.view(), masked(k_mode_regular, mode)));
    return {};
}

Result<void> remove_file(int directory, StringView path) {
    const LastName last = UNIK_TRY(resolve_last(directory, path, FollowLast::never));
    if (last.name_size == 0)
        return Errno::eisdir;
    UNIK_TRY(last.directory->check_changeable());
    if (!last.inode)
        return Errno::enoent;
    if (last.inode->is_directory())
        return Errno::eisdir;
    if (last.wants_directory)
        return Errno::enotdir;
    return last.directory->remove(last.view());
}

Result<void> remove_directory(int directory, StringView path) {
    const LastName last = UNIK_TRY(resolve_last(directory, path, FollowLast::never));
    if (last.name_size != 0)
        UNIK_TRY(last.directory->check_changeable());
    if (!last.inode)
        return Errno::enoent;
    if (last.dot)
        return Errno::einval;
    if (!last.inode->is_directory())
        return Errno::enotdir;
    if (last.name_size == 0 && !names_root(path))
        return Errno::enotempty; // ends in "..": at least this one lies within
    if (is_mounted(*last.inode))
        return Errno::ebusy;
    return last.directory->remove_directory(last.view());
}

Result<void> rename(int from_directory, StringView from, int to_directory, StringView to,
                    Inode::Replace replace) {
    const LastName old = UNIK_TRY(resolve_last(from_directory, from, FollowLast::never));
    const LastName target = UNIK_TRY(resolve_last(to_directory, to, FollowLast::never));
    if (old.name_size == 0 && old.inode)
        return Errno::ebusy;
    if (target.name_size == 0 && target.inode)
        return Errno::ebusy;
    if (&old.directory->filesystem() != &target.directory->filesystem())
        return Errno::exdev;
    UNIK_TRY(old.directory->check_changeable());
    if (!old.inode)
        return Errno::enoent;
    if (is_mounted(*old.inode) || (target.inode && is_mounted(*target.inode)))
        return Errno::ebusy;
    if ((old.wants_directory || target.wants_directory) && !old.inode->is_directory())
        return Errno::enotdir;
    if (target.inode && replace == Inode::Replace::no)
        return Errno::eexist;
    if (!target.inode && replace == Inode::Replace::exchange)
        return Errno::enoent;
    if (old.inode->is_directory() && is_within(*target.directory, *old.inode))
        return Errno::einval;
    if (target.inode && target.inode->is_directory() && is_within(*old.directory, *target.inode))
        return replace == Inode::Replace::exchange ? Errno::einval : Errno::enotempty;
    return old.directory->rename(old.view(), *target.directory, target.view(), replace);
}

Result<void> link(Ref<Inode> inode, int directory, StringView path) {
    const LastName last = UNIK_TRY(place_for_new(directory, path));
    if (inode->is_directory())
        return Errno::eperm;
    if (&inode->filesystem() != &last.directory->filesystem())
        return Errno::exdev;
    return last.directory->link(last.view(), *inode);
}

Result<void> make_symbolic_link(StringView target, int directory, StringView path) {
    if (target.empty())
        return Errno::enoent;
    if (target.size() > k_longest_path)
        return Errno::enametoolong;
    const LastName last = UNIK_TRY(place_for_new(directory, path));
    UNIK_TRY(last.directory->create_link(last.view(), target));
    return {};
}

} // namespace os::vfs
