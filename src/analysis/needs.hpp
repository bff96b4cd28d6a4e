// What a program asks of an operating system.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <support/quantity.hpp>

namespace unik::analysis {

struct SyscallNeed {
    std::uint32_t number = 0;
    std::string name;   // "read"; "syscall_999" when the number has no name
    std::string reason; // "in function '__stdio_write'", "at 0x401f3a", "language profile 'c'"
    bool from_profile = false;
    bool never_made = false; // in code for programs with another user's rights; brings nothing in
};

// A syscall instruction whose number could not be determined.
struct UnknownSite {
    std::uint64_t address = 0;
    std::string function; // the symbol around it, may be empty
};

struct Needs {
    std::vector<SyscallNeed> syscalls; // sorted by number, one entry each
    std::vector<UnknownSite> unknown;  // sorted by address
    bool profile_used = false;         // the language profile was added because of `unknown`
    bool network = false;
    bool threads = false;
    bool position_independent = false;
    bool dynamic = false; // an interpreter loads its libraries; the profile's calls are linked
    Bytes loaded_size;    // memory that its segments take
};

// The Linux x86-64 system call table: name by number, or empty; number by name, or -1.
std::string_view syscall_name(std::uint32_t number);
int syscall_number(std::string_view name);

} // namespace unik::analysis
