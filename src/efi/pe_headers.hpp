// The PE headers of a kernel file: one section for each run of pages with the same rights.
#pragma once

#include <cstdint>
#include <vector>

#include <support/file.hpp>

namespace unik::efi {

// Relative virtual addresses, page-aligned, ascending; each run ends where the next one starts.
struct Run {
    std::uint32_t start = 0;
    std::uint32_t end = 0;
    std::uint32_t rights = 0; // PF_X 1, PF_W 2, PF_R 4
};

inline constexpr std::uint32_t k_file_alignment = 512;

// What the section table has room for.
std::size_t most_runs();

// Writes "MZ" and the PE headers into a file that is otherwise complete, a multiple of
// k_file_alignment long, and then its checksum.
void write_pe_headers(ByteVector& file, const std::vector<Run>& runs, std::uint32_t entry);

} // namespace unik::efi
