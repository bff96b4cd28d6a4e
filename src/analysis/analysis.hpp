// From executable to Needs.
#pragma once

#include <analysis/needs.hpp>
#include <elf/elf_file.hpp>
#include <support/result.hpp>
#include <toolchain/application.hpp>

namespace unik::analysis {

// Refuses at build time what cannot run: another architecture (foreign-architecture), a file that
// is no executable (not-an-executable), segments that lie where the kernel lives
// (segment-out-of-range), writable and executable segments (wx-segment).
Result<elf::ElfFile> check_executable(const toolchain::Application& application);

// The same for the shared objects among the files of a dynamic program: writable and executable
// segments (wx-segment), executable stacks (executable-stack), unless the Unikfile allows 'jit'.
Result<void> check_libraries(const toolchain::Application& application);

// What the code of a static program asks for, or, since the code of libraries is not looked at, the
// language profile of a dynamic one.
Result<Needs> analyse(const elf::ElfFile& executable, const manifests::Language& language);

} // namespace unik::analysis
