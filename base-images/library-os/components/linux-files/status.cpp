// stat, statx, statfs and access.
#include <linux-files/paths.hpp>

#include <vfs/mount.hpp>
#include <vfs/stat.hpp>

namespace os::linux {

namespace {

vfs::Inode* inode_of(const Named& named) {
    return named.file ? named.file->inode() : named.inode.get();
}

Result<vfs::Stat> status_of(const Named& named) {
    vfs::Stat status;
    if (named.file)
        UNIK_TRY(named.file->status(status));
    else
        UNIK_TRY(named.inode->status(status));
    return status;
}

Result<void> put_status(const Result<Named>& named, std::uint64_t address) {
    if (!named.ok())
        return named.error();
    const vfs::Stat status = UNIK_TRY(status_of(named.value()));
    UNIK_TRY(memory::AppSpan<vfs::Stat>::writable(address, 1))[0] = status;
    return {};
}

Result<Named> path_named(const SyscallArguments& arguments, vfs::FollowLast follow) {
    const StringView path = UNIK_TRY(path_argument(arguments, 0));
    return Named{UNIK_TRY(vfs::resolve(vfs::k_at_working_directory, path, follow)), {}};
}

Result<Named> descriptor_named(const SyscallArguments& arguments) {
    return Named{{}, UNIK_TRY(any_file_argument(arguments, 0))};
}

// struct statx (linux/stat.h).
struct ExtendedTime {
    std::int64_t seconds;
    std::uint32_t nanoseconds;
    std::int32_t reserved;
};
struct ExtendedStatus {
    std::uint32_t mask;
    std::uint32_t block_size;
    std::uint64_t attributes;
    std::uint32_t links;
    std::uint32_t user;
    std::uint32_t group;
    std::uint16_t mode;
    std::uint16_t padding;
    std::uint64_t inode;
    std::uint64_t size;
    std::uint64_t blocks;
    std::uint64_t attributes_mask;
    ExtendedTime accessed, born, changed, modified;
    std::uint32_t special_major, special_minor;
    std::uint32_t device_major, device_minor;
    std::uint64_t mount;
    std::uint64_t spare[13];
};
static_assert(sizeof(ExtendedStatus) == 256);

constexpr std::uint32_t k_basic_status = 0x7ff;       // STATX_BASIC_STATS
constexpr std::uint32_t k_born = 0x800;               // STATX_BTIME
constexpr std::uint32_t k_mount = 0x1000;             // STATX_MNT_ID
constexpr std::uint32_t k_reserved_mask = 0x80000000; // STATX__RESERVED
constexpr std::uint64_t k_mount_root = 0x2000;        // STATX_ATTR_MOUNT_ROOT
constexpr std::uint32_t k_synchronise_flags = 0x6000; // AT_STATX_SYNC_TYPE
constexpr std::uint32_t k_known_statx_flags =
    k_at_no_follow | k_at_no_automount | k_at_empty_path | k_synchronise_flags;

ExtendedTime extended(const vfs::Timespec& time) {
    return {time.seconds, static_cast<std::uint32_t>(time.nanoseconds), 0};
}
std::uint32_t major_of(std::uint64_t device) {
    return static_cast<std::uint32_t>(device >> 8) & 0xfff;
}
std::uint32_t minor_of(std::uint64_t device) {
    return static_cast<std::uint32_t>((device & 0xff) | ((device >> 12) & ~0xffULL));
}

ExtendedStatus extended(const vfs::Stat& status) {
    ExtendedStatus out{};
    out.mask = k_basic_status;
    out.block_size = static_cast<std::uint32_t>(status.block_size);
    out.links = static_cast<std::uint32_t>(status.links);
    out.user = status.user;
    out.group = status.group;
    out.mode = static_cast<std::uint16_t>(status.mode);
    out.inode = status.inode;
    out.size = static_cast<std::uint64_t>(status.size);
    out.blocks = static_cast<std::uint64_t>(status.blocks);
    out.accessed = extended(status.accessed);
    out.changed = extended(status.changed);
    out.modified = extended(status.modified);
    out.special_major = major_of(status.special_device);
    out.special_minor = minor_of(status.special_device);
    out.device_major = major_of(status.device);
    out.device_minor = minor_of(status.device);
    return out;
}

// What only an inode knows. A mount is known by its device's minor number, as in mountinfo.
void add_origin(vfs::Inode& inode, ExtendedStatus& out) {
    Nanoseconds born{};
    if (inode.birth_time(born)) {
        out.mask |= k_born;
        out.born = extended(vfs::timespec_of(born));
    }
    out.mask |= k_mount;
    out.mount = out.device_minor;
    out.attributes_mask = k_mount_root;
    if (vfs::mount_of_root(inode) != nullptr)
        out.attributes = k_mount_root;
}

Result<void> put_extended(const SyscallArguments& arguments) {
    const std::uint32_t flags = arguments.as<std::uint32_t>(2);
    if ((flags & ~k_known_statx_flags) != 0 ||
        (flags & k_synchronise_flags) == k_synchronise_flags ||
        (arguments.as<std::uint32_t>(3) & k_reserved_mask) != 0)
        return Errno::einval;
    const Named named = UNIK_TRY(named_argument(arguments, 0, 1, flags));
    ExtendedStatus status = extended(UNIK_TRY(status_of(named)));
    if (vfs::Inode* inode = inode_of(named); inode != nullptr)
        add_origin(*inode, status);
    UNIK_TRY(memory::AppSpan<ExtendedStatus>::writable(arguments.value[4], 1))[0] = status;
    return {};
}

Result<void> put_filesystem(vfs::Inode* inode, std::uint64_t address) {
    vfs::FilesystemStatus status;
    if (inode != nullptr)
        UNIK_TRY(inode->filesystem().status(status));
    UNIK_TRY(memory::AppSpan<vfs::FilesystemStatus>::writable(address, 1))[0] = status;
    return {};
}

// access(2): the program has every right, but running a file takes a mode that says so, and writing
// one a file system that changes.
constexpr int k_access_execute = 1;
constexpr int k_access_write = 2;
constexpr int k_access_all = 7;

Result<void> check_access(const Result<Named>& named, int wanted) {
    if ((wanted & ~k_access_all) != 0)
        return Errno::einval;
    if (!named.ok())
        return named.error();
    const vfs::Stat status = UNIK_TRY(status_of(named.value()));
    const vfs::Inode* inode = inode_of(named.value());
    if ((wanted & k_access_write) != 0 && inode != nullptr &&
        (inode->is_regular() || inode->is_directory()))
        UNIK_TRY(inode->check_changeable());
    const bool executable =
        (status.mode & 0111) != 0 || (status.mode & vfs::k_mode_kind_mask) == vfs::k_mode_directory;
    if ((wanted & k_access_execute) != 0 && !executable)
        return Errno::eacces;
    return {};
}

} // namespace

std::int64_t stat(SyscallArguments& arguments) {
    return reply(put_status(path_named(arguments, vfs::FollowLast::yes), arguments.value[1]));
}

std::int64_t lstat(SyscallArguments& arguments) {
    return reply(put_status(path_named(arguments, vfs::FollowLast::no), arguments.value[1]));
}

std::int64_t fstat(SyscallArguments& arguments) {
    return reply(put_status(descriptor_named(arguments), arguments.value[1]));
}

std::int64_t newfstatat(SyscallArguments& arguments) {
    const std::uint32_t flags = arguments.as<std::uint32_t>(3);
    if ((flags & ~(k_at_no_follow | k_at_no_automount | k_at_empty_path)) != 0)
        return reply(Result<void>(Errno::einval));
    return reply(put_status(named_argument(arguments, 0, 1, flags), arguments.value[2]));
}

std::int64_t statx(SyscallArguments& arguments) {
    return reply(put_extended(arguments));
}

std::int64_t statfs(SyscallArguments& arguments) {
    const Result<Named> named = path_named(arguments, vfs::FollowLast::yes);
    if (!named.ok())
        return reply(Result<void>(named.error()));
    return reply(put_filesystem(named->inode.get(), arguments.value[1]));
}

std::int64_t fstatfs(SyscallArguments& arguments) {
    const Result<Ref<vfs::File>> file = any_file_argument(arguments, 0);
    if (!file.ok())
        return reply(Result<void>(file.error()));
    return reply(put_filesystem(file.value()->inode(), arguments.value[1]));
}

std::int64_t access(SyscallArguments& arguments) {
    return reply(check_access(path_named(arguments, vfs::FollowLast::yes), arguments.as<int>(1)));
}

std::int64_t faccessat(SyscallArguments& arguments) {
    return reply(check_access(named_argument(arguments, 0, 1, 0), arguments.as<int>(2)));
}

std::int64_t faccessat2(SyscallArguments& arguments) {
    const std::uint32_t flags = arguments.as<std::uint32_t>(3);
    if ((flags & ~(k_at_no_follow | k_at_effective_access | k_at_empty_path)) != 0)
        return reply(Result<void>(Errno::einval));
    return reply(check_access(named_argument(arguments, 0, 1, flags), arguments.as<int>(2)));
}

} // namespace os::linux
