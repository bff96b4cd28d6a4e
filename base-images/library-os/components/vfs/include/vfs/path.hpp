// Path names, and the operations on them. A directory descriptor that is k_at_working_directory
// stands for the working directory. There are no permission checks: the program is the machine's
// only user.
#pragma once

#include <foundation/own.hpp>
#include <foundation/result.hpp>
#include <foundation/span.hpp>
#include <foundation/vector.hpp>
#include <vfs/file.hpp>
#include <vfs/inode.hpp>

namespace os::vfs {

inline constexpr int k_at_working_directory = -100; // AT_FDCWD

// `no` follows a link all the same where a slash stands behind it; `never`, for names that are to
// be made or to go, does not.
enum class FollowLast { never, no, yes };

// Bits of openat2's resolve (linux/openat2.h): how a walk may leave the straight way.
using ResolveRules = std::uint64_t;
inline constexpr ResolveRules k_resolve_no_other_mount = 0x01;
inline constexpr ResolveRules k_resolve_no_magic_links = 0x02;
inline constexpr ResolveRules k_resolve_no_links = 0x04;
inline constexpr ResolveRules k_resolve_beneath = 0x08; // what leads outside is exdev
inline constexpr ResolveRules k_resolve_in_root = 0x10; // what leads outside starts again here

// The inode that the path names; enoent and so on.
Result<Ref<Inode>> resolve(int directory, StringView path, FollowLast follow = FollowLast::yes);

// Where the last name of a path would stand, whether it exists or not.
struct LastName {
    Ref<Inode> directory;
    Ref<Inode> inode; // null: no such name (then name is to be created)
    char name[k_longest_name + 1] = {};
    std::size_t name_size = 0;    // 0: the path ends in "/", "." or ".."; inode is set then
    bool wants_directory = false; // a slash follows the name
    bool dot = false;             // the path ends in "."
    StringView view() const { return {name, name_size}; }
};
Result<LastName> resolve_last(int directory, StringView path, FollowLast follow,
                              ResolveRules rules = 0);

// open(2). k_open_temporary needs write access.
inline constexpr std::uint32_t k_open_temporary = 020000000 | k_open_directory; // O_TMPFILE
Result<Ref<File>> open(int directory, StringView path, std::uint32_t flags, std::uint32_t mode,
                       ResolveRules rules = 0);
inline Result<Ref<File>> open(StringView path, std::uint32_t flags, std::uint32_t mode = 0) {
    return open(k_at_working_directory, path, flags, mode);
}

Result<void> make_directory(int directory, StringView path, std::uint32_t mode);
// Also those before it; an existing one is fine.
Result<void> make_directories(StringView path);
Result<void> make_file(int directory, StringView path, std::uint32_t mode); // mknod
Result<void> remove_file(int directory, StringView path);
Result<void> remove_directory(int directory, StringView path);
Result<void> rename(int from_directory, StringView from, int to_directory, StringView to,
                    Inode::Replace replace);
Result<void> link(Ref<Inode> inode, int directory, StringView path);
Result<void> make_symbolic_link(StringView target, int directory, StringView path);

// For start steps: makes or replaces a file, and the directories before it.
Result<void> write_file(StringView path, Bytes contents, std::uint32_t mode);
inline Result<void> write_file(StringView path, StringView contents, std::uint32_t mode) {
    return write_file(
        path, Bytes(reinterpret_cast<const std::uint8_t*>(contents.data()), contents.size()), mode);
}
// A whole file of at most `limit` bytes (efbig beyond).
Result<Vector<std::uint8_t>> read_file(StringView path, std::size_t limit);

// The absolute path of an inode, " (deleted)" behind it when it has none any more.
Result<String> path_of(Inode& inode);

Ref<Inode> working_directory();
Result<void> set_working_directory(Ref<Inode> directory);
// The new mask; returns the old one.
std::uint32_t set_creation_mask(std::uint32_t mask);
std::uint32_t creation_mask();

} // namespace os::vfs
