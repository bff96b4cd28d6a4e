// What the handlers of file system calls share: reading arguments and translating results.
#pragma once

#include <foundation/own.hpp>
#include <foundation/result.hpp>
#include <syscall/syscall.hpp>
#include <vfs/file_table.hpp>

namespace os::linux {

// The most that one call moves (Linux's MAX_RW_COUNT).
inline constexpr std::size_t k_most_bytes = 0x7ffff000;

// Any open file, also one that is only a handle on a name (O_PATH): for calls that ask about it.
inline Result<Ref<vfs::File>> any_file_argument(const SyscallArguments& arguments, unsigned index) {
    return vfs::file_of(arguments.as<int>(index));
}

// An open file that something can be done with.
inline Result<Ref<vfs::File>> file_argument(const SyscallArguments& arguments, unsigned index) {
    Result<Ref<vfs::File>> file = any_file_argument(arguments, index);
    if (file.ok() && (file.value()->flags() & vfs::k_open_path) != 0)
        return Errno::ebadf;
    return file;
}

// For calls that wait: an interrupted one is made again after the signal where the program asked
// for that, and a broken pipe raises SIGPIPE.
std::int64_t reply_waiting(const Result<std::size_t>& result);

} // namespace os::linux
