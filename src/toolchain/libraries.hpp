// The shared libraries of a dynamically linked program, found as its own loader finds them.
//
// The loader is the program's PT_INTERP; glibc's and musl's are known. Beside the program, every
// ELF file among the image's files is looked at: extension modules, plug-ins, other executables.
// What one of them needs is searched as ld.so(8) says: by DT_RPATH of it and of who loaded it, by
// LD_LIBRARY_PATH of the image, by DT_RUNPATH, in ld.so.cache, in the loader's own folders (musl:
// LD_LIBRARY_PATH, then RPATH or RUNPATH upwards, then ld-musl-x86_64.path). In each folder the
// image's files come first, then the host's, which are taken along under the same path with the
// links that lead there; $ORIGIN of a file that was moved into the image counts at both places.
//
// - Folders for special hardware (glibc-hwcaps) are left out: what an image holds must not depend
//   on the machine that built it.
// - A library that only the host's ld.so.cache knows gets an image's own /etc/ld.so.cache.
// - A module for the other C library than the program's is passed over: packages bring both.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <support/result.hpp>
#include <toolchain/application.hpp>

namespace unik::toolchain {

struct LibrarySearch {
    std::string program;                         // its path among the files
    std::string library_path;                    // LD_LIBRARY_PATH of the image
    std::span<const std::string> opened_by_name; // `?` behind a name: only where it is there
    std::filesystem::path folder;                // for a file that is written here
    std::filesystem::path host_cache = "/etc/ld.so.cache";
};

// Adds loader and libraries to the files, sorted by path. Errors: missing-library, each with the
// chain of those who need it and where was looked; what an ELF file can be refused for.
Result<void> add_libraries(std::vector<CollectedFile>& files, const LibrarySearch& search);

} // namespace unik::toolchain
