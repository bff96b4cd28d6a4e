// What is said of a system call that is not linked.
#pragma once

#include <cstddef>

#include <syscall/syscall.hpp>
#include <vocabulary/image_layout.hpp>

namespace os::syscall {

// unik_syscall_names of image_layout.hpp.
struct CallNames {
    const char* text;
    std::uint32_t provider_count;
    std::uint32_t name_count;
};

struct Call {
    const char* name = nullptr;      // null: Linux has none of this number
    const char* component = nullptr; // that provides it; null: none does
};
Call find_call(const CallNames& names, std::uint64_t number);

// Warns the first time this number is seen; numbers beyond the table count as one.
void warn_unlinked(std::uint64_t number, const SyscallArguments& arguments, const Call& unlinked);

// The warning's text: what the call is, and the way out. Returns its length.
std::size_t describe_unlinked(std::uint64_t number, const SyscallArguments& arguments,
                              const Call& unlinked, char* out, std::size_t size);

} // namespace os::syscall
