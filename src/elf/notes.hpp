// Notes of an ELF file (System V ABI, chapter 5, "Note Section"): what a program tells its loaders.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <elf/elf_file.hpp>

namespace unik::elf {

// The content of the first note of this owner and type in a PT_NOTE segment; damaged notes are
// passed over. It lies in the file's bytes.
std::optional<ByteSpan> find_note(const ElfFile& file, std::string_view owner, std::uint32_t type);

} // namespace unik::elf
