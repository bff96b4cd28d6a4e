// What an ELF file tells its loader in PT_DYNAMIC (System V ABI, chapter 5, "Dynamic Section").
#pragma once

#include <string>
#include <vector>

#include <elf/elf_file.hpp>

namespace unik::elf {

struct DynamicSection {
    std::vector<std::string> needed; // DT_NEEDED, in their order
    std::string soname;              // what others know it by; may be empty
    std::string rpath;               // folders, separated by colons, as they stand there
    std::string runpath;
    bool no_default_folders = false; // DF_1_NODEFLIB
};

// All empty for a file without one. Error corrupt-elf: a string of it does not lie in the file.
Result<DynamicSection> read_dynamic_section(const ElfFile& file);

} // namespace unik::elf
