// Which system calls a program's code can make.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include <analysis/functions.hpp>
#include <analysis/needs.hpp>

namespace unik::analysis {

struct SyscallSites {
    // Each number with the address where it is chosen: the syscall instruction, or the call of the
    // function that hands the number on. The lowest address where there are several.
    std::map<std::uint32_t, std::uint64_t> found;
    // The same of calls in code that never runs under the library OS.
    std::map<std::uint32_t, std::uint64_t> never_made;
    std::vector<UnknownSite> unknown; // sorted by address
};

SyscallSites find_syscalls(const Functions& functions);

} // namespace unik::analysis
