// What is said of a system call that is not linked.
#pragma once

#include <cstddef>

#include <syscall/syscall.hpp>
#include <vocabulary/image_layout.hpp>

namespace os::syscall {

// Warns the first time this number is seen; numbers beyond the table count as one.
void warn_unlinked(std::uint64_t number, const SyscallArguments& arguments,
                   const vocabulary::SyscallEntry& entry);

// The warning's text: what the call is, and the way out. Returns its length.
std::size_t describe_unlinked(std::uint64_t number, const SyscallArguments& arguments,
                              const vocabulary::SyscallEntry& entry, char* out, std::size_t size);

} // namespace os::syscall
