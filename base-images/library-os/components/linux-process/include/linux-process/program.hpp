// A program in memory, and its start. Who puts it there is a component of its own: fused-program
// for what lies in the kernel's image, elf-loader for a file of the root file system.
#pragma once

#include <cstdint>

#include <foundation/result.hpp>
#include <memory/address_space.hpp>

namespace os::linux_process {

struct LoadedProgram {
    const char* path = nullptr;          // absolute; lives for ever
    std::uint64_t base = 0;              // added to the addresses of the ELF file
    std::uint64_t first_instruction = 0; // of the interpreter where there is one
    std::uint64_t entry = 0;             // the program's own
    std::uint64_t program_headers = 0;
    std::uint32_t program_header_count = 0;
    std::uint64_t interpreter_base = 0; // 0: there is none
    std::uint64_t end = 0;              // of the highest segment, page-aligned
};

// elf.h: PF_X, PF_W, PF_R.
memory::Protection protection_of(std::uint32_t segment_flags);

// Where a position-independent program begins: as on Linux two thirds of the way up, with 28 random
// bits of pages. `alignment` is a power of two.
std::uint64_t pick_base(std::uint64_t alignment, std::uint64_t random);

std::uint64_t random_number();

// Makes the stack, the heap and the first thread, and becomes the program. The path of the image's
// ELF file is told to /proc/self and the C library.
Result<void> run_program(const LoadedProgram& program);

} // namespace os::linux_process
