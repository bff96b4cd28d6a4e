// The program inside the kernel's image (vocabulary/image_layout.hpp), and its place in memory.
#pragma once

#include <cstdint>

#include <foundation/result.hpp>
#include <foundation/span.hpp>
#include <foundation/types.hpp>
#include <vocabulary/image_layout.hpp>

namespace os::linux_process {

struct LoadedProgram {
    std::uint64_t base = 0; // added to the addresses of the ELF file
    std::uint64_t entry = 0;
    std::uint64_t program_headers = 0;
    std::uint64_t end = 0; // of the highest segment, page-aligned
};

// Maps the segments where they lie: whole pages of the image appear at the program's addresses,
// and nothing is copied. `slide` is a random number for position-independent programs.
Result<LoadedProgram> load_program(const vocabulary::ImageHeader& image,
                                   Span<const vocabulary::SegmentRecord> segments,
                                   std::uint64_t slide);

struct Stack {
    VirtAddr bottom;
    std::size_t size = 0;
};
// The first thread's: demand-paged, with a guard below it.
Result<Stack> map_stack(std::uint64_t slide);

} // namespace os::linux_process
