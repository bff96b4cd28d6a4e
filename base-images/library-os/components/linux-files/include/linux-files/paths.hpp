// Path arguments.
#pragma once

#include <linux-io/arguments.hpp>
#include <vfs/path.hpp>

namespace os::linux {

// Flags of the *at calls (linux/fcntl.h).
inline constexpr std::uint32_t k_at_no_follow = 0x100;
inline constexpr std::uint32_t k_at_effective_access = 0x200; // faccessat2; also AT_REMOVEDIR
inline constexpr std::uint32_t k_at_no_automount = 0x800;
inline constexpr std::uint32_t k_at_empty_path = 0x1000;

inline Result<StringView> path_argument(const SyscallArguments& arguments, unsigned index) {
    return memory::program_string(arguments.value[index], vfs::k_longest_path);
}

// The inode that a path at a directory names. An empty path with AT_EMPTY_PATH means the
// descriptor itself, whose inode may be none (sockets and the like): enoent without the flag.
struct Named {
    Ref<vfs::Inode> inode;
    Ref<vfs::File> file; // set instead where the descriptor itself was meant
};
Result<Named> named_argument(const SyscallArguments& arguments, unsigned directory_index,
                             unsigned path_index, std::uint32_t flags);

} // namespace os::linux
