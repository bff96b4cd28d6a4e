// An ELF file of the root file system, mapped: its pages come from the file's pager as they are
// touched, private, so that nobody's writes reach the file.
#pragma once

#include <foundation/result.hpp>
#include <foundation/vector.hpp>
#include <vfs/file.hpp>

#include "elf_headers.hpp"

namespace os::elf_loader {

struct OpenProgram {
    Ref<vfs::File> file;
    FileHeader header;
    Layout layout;
};

// Errors of the file system come as Errno, what is wrong with the file as a Problem.
struct Opened {
    Problem problem = nullptr;
    OpenProgram program;
};
Result<Opened> open_program(StringView path);

// The path in its PT_INTERP, with the NUL that closes it; einval: it does not end.
Result<String> interpreter_of(const OpenProgram& program);

// Maps the segments, moved by base. `name` is what /proc/self/maps shows and lives for ever.
Result<void> map_program(const OpenProgram& program, std::uint64_t base, const char* name);

// A place for a position-independent file where mappings go.
Result<std::uint64_t> find_base(const Layout& layout);

} // namespace os::elf_loader
