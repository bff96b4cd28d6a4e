// A dynamically linked program is a file of the image, and so is all that it loads.
#pragma once

#include <filesystem>

#include <support/result.hpp>
#include <toolchain/application.hpp>

namespace unik::toolchain {

// Puts the program with its loader and libraries among the application's files; nothing is done for
// a static program, or for what is no ELF file. folder: for files that are written on the way, to
// stay as long as the application is used. Errors: those of add_libraries.
Result<void> add_dynamic_parts(Application& application, const std::filesystem::path& folder);

} // namespace unik::toolchain
