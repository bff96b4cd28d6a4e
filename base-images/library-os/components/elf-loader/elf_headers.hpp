// What the kernel needs of an ELF file's headers, checked (System V ABI, chapters 4 and 5; x86-64
// psABI): whatever stands in the file, the segments that come out can be mapped one after another.
#pragma once

#include <cstdint>

#include <foundation/span.hpp>
#include <foundation/types.hpp>
#include <foundation/vector.hpp>

namespace os::elf_loader {

inline constexpr std::size_t k_file_header_size = 64;
inline constexpr std::size_t k_program_header_size = 56;
inline constexpr std::size_t k_most_program_headers = 128;
inline constexpr std::size_t k_longest_interpreter = 4095;

// Null is fine; else what is wrong with the file, as the end of a sentence: "'/bin/a' is …".
using Problem = const char*;

struct FileHeader {
    bool position_independent = false;
    std::uint64_t entry = 0;
    std::uint64_t program_headers = 0; // offset in the file
    std::uint32_t program_header_count = 0;
    std::size_t table_size() const { return program_header_count * k_program_header_size; }
};
// bytes: the file's first ones, k_file_header_size of them unless the file is shorter.
Problem read_file_header(Bytes bytes, FileHeader& out);

struct Segment {
    std::uint64_t address = 0; // as in the file; to be moved by the base
    std::uint64_t memory_size = 0;
    std::uint64_t offset = 0;
    std::uint64_t file_size = 0;
    std::uint32_t flags = 0;
    std::uint64_t start() const { return align_down(address, k_page_size); }
    std::uint64_t file_end() const { return align_up(address + file_size, k_page_size); }
    std::uint64_t end() const { return align_up(address + memory_size, k_page_size); }
};

struct Layout {
    Vector<Segment> segments; // in ascending order, on pages of their own
    std::uint64_t alignment = k_page_size;
    std::uint64_t program_headers = 0; // address; 0: they are not loaded
    std::uint64_t interpreter = 0;     // where its path stands in the file
    std::size_t interpreter_size = 0;  // with the NUL; 0: there is none
    std::uint64_t start() const { return segments[0].start(); }
    std::uint64_t end() const { return segments[segments.size() - 1].end(); }
};
// table: the program headers, as many bytes as the file has; file_size: of the whole file.
Problem read_layout(const FileHeader& header, Bytes table, std::uint64_t file_size, Layout& out);

} // namespace os::elf_loader
