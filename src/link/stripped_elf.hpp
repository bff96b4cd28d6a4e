// From the linked ELF file to what is booted: program headers and their bytes, nothing else.
#pragma once

#include <elf/elf_file.hpp>

namespace unik::link {

// No sections, no symbols, no padding between segments, no zeros at their ends: a loader clears the
// memory behind a segment's bytes up to p_memsz. Every loaded segment is extended in memory to the
// end of its last page, so that what is mapped for the program has no foreign bytes.
ByteVector strip(const elf::ElfFile& linked);

} // namespace unik::link
