// chmod and chown. Nothing is enforced by them: they are kept and told again.
#include <clock/clock.hpp>
#include <linux-files/paths.hpp>

namespace os::linux {

namespace {

// The inode that a call is about; an open file without one has no attributes to change.
Result<Ref<vfs::Inode>> inode_of(const Result<Named>& named) {
    if (!named.ok())
        return named.error();
    if (named->inode)
        return named->inode;
    if (named->file->inode() == nullptr)
        return Errno::einval;
    return Ref<vfs::Inode>::share(named->file->inode());
}

Result<Named> path_named(const SyscallArguments& arguments, vfs::FollowLast follow) {
    const StringView path = UNIK_TRY(path_argument(arguments, 0));
    return Named{UNIK_TRY(vfs::resolve(vfs::k_at_working_directory, path, follow)), {}};
}

Result<Named> descriptor_named(const SyscallArguments& arguments) {
    return Named{{}, UNIK_TRY(file_argument(arguments, 0))};
}

Result<Named> at_named(const SyscallArguments& arguments, std::uint32_t flags) {
    if ((flags & ~(k_at_no_follow | k_at_empty_path)) != 0)
        return Errno::einval;
    return named_argument(arguments, 0, 1, flags);
}

Result<void> change_mode(const Result<Named>& named, std::uint32_t mode) {
    const Ref<vfs::Inode> inode = UNIK_TRY(inode_of(named));
    UNIK_TRY(inode->check_changeable());
    if (inode->is_symbolic_link())
        return Errno::eopnotsupp;
    vfs::Attributes attributes = inode->attributes();
    attributes.mode = mode & vfs::k_mode_permissions;
    attributes.changed = clock::realtime();
    return inode->set_attributes(attributes);
}

constexpr std::uint32_t k_keep = UINT32_MAX;
constexpr std::uint32_t k_set_user = 04000;
constexpr std::uint32_t k_set_group = 02000;

Result<void> change_owner(const Result<Named>& named, std::uint32_t user, std::uint32_t group) {
    const Ref<vfs::Inode> inode = UNIK_TRY(inode_of(named));
    UNIK_TRY(inode->check_changeable());
    vfs::Attributes attributes = inode->attributes();
    if (user != k_keep)
        attributes.user = user;
    if (group != k_keep)
        attributes.group = group;
    // chown(2): a file that is run takes no rights of its old owner along.
    if (inode->is_regular() && (user != k_keep || group != k_keep)) {
        attributes.mode &= ~k_set_user;
        if ((attributes.mode & 010) != 0)
            attributes.mode &= ~k_set_group;
    }
    attributes.changed = clock::realtime();
    return inode->set_attributes(attributes);
}

} // namespace

std::int64_t chmod(SyscallArguments& arguments) {
    return reply(
        change_mode(path_named(arguments, vfs::FollowLast::yes), arguments.as<std::uint32_t>(1)));
}

std::int64_t fchmod(SyscallArguments& arguments) {
    return reply(change_mode(descriptor_named(arguments), arguments.as<std::uint32_t>(1)));
}

std::int64_t fchmodat(SyscallArguments& arguments) {
    return reply(change_mode(at_named(arguments, 0), arguments.as<std::uint32_t>(2)));
}

std::int64_t fchmodat2(SyscallArguments& arguments) {
    return reply(change_mode(at_named(arguments, arguments.as<std::uint32_t>(3)),
                             arguments.as<std::uint32_t>(2)));
}

std::int64_t chown(SyscallArguments& arguments) {
    return reply(change_owner(path_named(arguments, vfs::FollowLast::yes),
                              arguments.as<std::uint32_t>(1), arguments.as<std::uint32_t>(2)));
}

std::int64_t lchown(SyscallArguments& arguments) {
    return reply(change_owner(path_named(arguments, vfs::FollowLast::no),
                              arguments.as<std::uint32_t>(1), arguments.as<std::uint32_t>(2)));
}

std::int64_t fchown(SyscallArguments& arguments) {
    return reply(change_owner(descriptor_named(arguments), arguments.as<std::uint32_t>(1),
                              arguments.as<std::uint32_t>(2)));
}

std::int64_t fchownat(SyscallArguments& arguments) {
    return reply(change_owner(at_named(arguments, arguments.as<std::uint32_t>(4)),
                              arguments.as<std::uint32_t>(2), arguments.as<std::uint32_t>(3)));
}

} // namespace os::linux
