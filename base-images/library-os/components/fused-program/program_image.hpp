// The program inside the kernel's image (vocabulary/image_layout.hpp), and its place in memory.
#pragma once

#include <cstdint>

#include <foundation/result.hpp>
#include <foundation/span.hpp>
#include <linux-process/program.hpp>
#include <vocabulary/image_layout.hpp>

namespace os::fused_program {

// Maps the segments where they lie: whole pages of the image appear at the program's addresses,
// and nothing is copied. `slide` is a random number for position-independent programs.
Result<linux_process::LoadedProgram> load_program(const vocabulary::ImageHeader& image,
                                                  Span<const vocabulary::SegmentRecord> segments,
                                                  std::uint64_t slide);

} // namespace os::fused_program
