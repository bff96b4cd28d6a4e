// open(2), and whole files for start steps.
#include <vfs/path.hpp>

#include "inode_file.hpp"

namespace os::vfs {

namespace {

constexpr std::uint32_t k_large_file = 0100000; // O_LARGEFILE, which Linux sets on 64 bits
constexpr std::uint32_t k_no_controlling_terminal = 0400;
constexpr std::uint32_t k_not_kept = k_open_create | k_open_exclusive | k_open_truncate |
                                     k_open_close_on_exec | k_no_controlling_terminal;

bool wants_write(std::uint32_t flags) {
    return (flags & k_open_access_mask) != 0;
}

Result<Ref<File>> open_temporary(int directory, StringView path, std::uint32_t flags,
                                 std::uint32_t mode, ResolveRules rules) {
    if (!wants_write(flags))
        return Errno::einval;
    const Ref<Inode> parent = UNIK_TRY(resolve_last(directory, path, FollowLast::yes, rules)).inode;
    if (!parent)
        return Errno::enoent;
    if (!parent->is_directory())
        return Errno::enotdir;
    UNIK_TRY(parent->check_changeable());
    const Ref<Inode> inode = UNIK_TRY(parent->create_unnamed(
        k_mode_regular | (mode & k_mode_permissions & ~creation_mask()),
        (flags & k_open_exclusive) == 0 ? Inode::Linkable::yes : Inode::Linkable::no));
    return inode->open((flags & ~(k_not_kept | k_open_temporary)) | k_large_file);
}

Result<void> check_existing(const Inode& inode, std::uint32_t flags) {
    if ((flags & k_open_create) != 0 && (flags & k_open_exclusive) != 0)
        return Errno::eexist;
    if (inode.is_directory()) {
        const bool only_opened =
            !wants_write(flags) && (flags & (k_open_create | k_open_truncate)) == 0;
        return only_opened ? Result<void>() : Errno::eisdir;
    }
    if ((flags & k_open_directory) != 0)
        return Errno::enotdir;
    if (inode.is_symbolic_link() && (flags & k_open_path) == 0)
        return Errno::eloop;
    if (inode.is_regular() && (wants_write(flags) || (flags & k_open_truncate) != 0))
        return inode.check_changeable();
    return {};
}

} // namespace

Result<Ref<File>> open(int directory, StringView path, std::uint32_t flags, std::uint32_t mode,
                       ResolveRules rules) {
    if ((flags & k_open_path) != 0)
        flags &= k_open_path | k_open_directory | k_open_no_follow | k_open_close_on_exec;
    if ((flags & k_open_access_mask) == k_open_access_mask)
        return Errno::einval;
    if ((flags & k_open_temporary) == k_open_temporary)
        return open_temporary(directory, path, flags, mode, rules);
    const bool exclusive = (flags & k_open_create) != 0 && (flags & k_open_exclusive) != 0;
    const bool stay = exclusive || (flags & k_open_no_follow) != 0;
    LastName last =
        UNIK_TRY(resolve_last(directory, path, stay ? FollowLast::no : FollowLast::yes, rules));
    if (!last.inode) {
        if ((flags & k_open_create) == 0)
            return Errno::enoent;
        if (last.wants_directory)
            return Errno::eisdir;
        if ((flags & k_open_directory) != 0)
            return Errno::einval;
        UNIK_TRY(last.directory->check_changeable());
        last.inode = UNIK_TRY(last.directory->create(
            last.view(), k_mode_regular | (mode & k_mode_permissions & ~creation_mask())));
    } else {
        UNIK_TRY(check_existing(*last.inode, flags));
        if ((flags & k_open_truncate) != 0 && last.inode->is_regular())
            UNIK_TRY(last.inode->truncate(0));
    }
    if ((flags & k_open_path) != 0)
        return Ref<File>(
            UNIK_TRY(try_make_ref<PathFile>(last.inode, flags & ~k_open_close_on_exec)));
    return last.inode->open((flags & ~k_not_kept) | k_large_file);
}

Result<void> write_file(StringView path, Bytes contents, std::uint32_t mode) {
    for (std::size_t i = path.size(); i > 1; --i)
        if (path[i - 1] == '/') {
            UNIK_TRY(make_directories(path.part(0, i - 1)));
            break;
        }
    const Ref<File> file =
        UNIK_TRY(open(path, k_open_write_only | k_open_create | k_open_truncate, mode));
    while (!contents.empty()) {
        const std::size_t put = UNIK_TRY(file->write(contents));
        if (put == 0)
            return Errno::eio;
        contents = contents.part(put);
    }
    return {};
}

Result<Vector<std::uint8_t>> read_file(StringView path, std::size_t limit) {
    const Ref<File> file = UNIK_TRY(open(path, 0));
    Vector<std::uint8_t> out;
    for (;;) {
        const std::size_t have = out.size();
        UNIK_TRY(out.resize(have + k_page_size));
        const std::size_t got = UNIK_TRY(file->read({out.data() + have, k_page_size}));
        UNIK_TRY(out.resize(have + got));
        if (got == 0)
            return out;
        if (out.size() > limit)
            return Errno::efbig;
    }
}

} // namespace os::vfs
