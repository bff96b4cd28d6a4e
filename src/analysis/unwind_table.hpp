// Function ranges from .eh_frame: compilers describe every function there, and `strip` keeps it, so
// it names the functions of a program without symbols.
#pragma once

#include <cstdint>
#include <vector>

#include <elf/elf_file.hpp>

namespace unik::analysis {

struct FunctionRange {
    std::uint64_t start = 0;
    std::uint64_t size = 0;
};

// In the order of the table. A damaged table ends early.
std::vector<FunctionRange> unwind_ranges(const elf::ElfFile& file);

} // namespace unik::analysis
