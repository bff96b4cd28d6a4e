// Looking around in a project: which files are there, which of them are executables.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace unik::toolchain {

// Regular files below the folder, relative and sorted; bounded in depth and number. Left out:
// version control, CMake's own trials, bundles of unik, and whatever a symbolic link leads to.
std::vector<std::string> project_files(const std::filesystem::path& folder);

// An ELF file with an entry, of any architecture: a program, not an object or a library.
bool is_executable(const std::filesystem::path& file);

// The executables below the folder, relative and sorted.
std::vector<std::string> executables_in(const std::filesystem::path& folder);

} // namespace unik::toolchain
