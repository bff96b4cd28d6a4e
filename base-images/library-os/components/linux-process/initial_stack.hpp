// What a program finds on its stack when it starts (System V ABI for x86-64, 3.4.1), from low to
// high addresses:
//
//     argc                                  <- rsp, a multiple of 16
//     argv[0] … argv[argc-1], null
//     envp[0] …, null
//     auxiliary vector: {type, value} …, {AT_NULL, 0}
//     padding
//     16 random bytes, the names of platform and program, the strings of argv and envp
#pragma once

#include <cstdint>

#include <foundation/result.hpp>
#include <foundation/span.hpp>

namespace os::linux_process {

// elf.h: AT_*
enum class Auxiliary : std::uint64_t {
    null = 0,
    program_headers = 3,
    program_header_size = 4,
    program_header_count = 5,
    page_size = 6,
    base = 7,
    flags = 8,
    entry = 9,
    user = 11,
    effective_user = 12,
    group = 13,
    effective_group = 14,
    platform = 15,
    hardware = 16,
    clock_ticks = 17,
    secure = 23,
    random = 25,
    hardware2 = 26,
    program_name = 31,
    vdso = 33,
    signal_stack_size = 51,
};

struct AuxiliaryEntry {
    Auxiliary type;
    std::uint64_t value;
};
static_assert(sizeof(AuxiliaryEntry) == 16);

struct StackContents {
    const char* program = ""; // its path, for AT_EXECFN
    Span<const char* const> arguments;
    Span<const char* const> variables;
    // Those with values; platform, random and program_name are added.
    Span<const AuxiliaryEntry> auxiliary;
    std::uint8_t random[16] = {};
};

// Fills the upper end of `memory`, which the program sees at `address`; returns the stack pointer.
// e2big: it does not fit.
Result<std::uint64_t> build_initial_stack(MutableBytes memory, std::uint64_t address,
                                          const StackContents& contents);

} // namespace os::linux_process
