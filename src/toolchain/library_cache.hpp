// /etc/ld.so.cache, where glibc's loader looks a library up by its name (glibc, elf/dl-cache.c and
// sysdeps/generic/dl-cache.h; the format that ldconfig writes since 2.32):
//
//     "glibc-ld.so.cache1.1"      20 bytes
//     number of entries           4 bytes, little-endian as all that follows
//     size of the strings         4
//     flags                       1: 2 says little-endian; 3 bytes of padding
//     offset of extensions        4: 0 for none; 12 bytes unused
//     entries, 24 bytes each      flags 4, name 4, path 4, os version 4, hardware capabilities 8
//     strings                     closed by NULs; name and path are offsets from the file's start
//
// Entries are sorted in falling order of their names, in which runs of digits count as numbers:
// the loader halves its way through them. An older table ("ld.so-1.7.0") may stand before all this.
#pragma once

#include <map>
#include <string>

#include <support/file.hpp>

namespace unik::toolchain {

using LibraryCache = std::map<std::string, std::string>; // name → path

// Entries for x86-64 that ask for no special hardware, the first of each name. What is damaged
// holds nothing: the loader does not read it either.
LibraryCache read_library_cache(ByteSpan bytes);

// The same entries, the same bytes.
ByteVector write_library_cache(const LibraryCache& cache);

} // namespace unik::toolchain
