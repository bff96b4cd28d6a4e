// The link step: selected components, the application and its files become one ELF.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <components/selection.hpp>
#include <elf/elf_file.hpp>
#include <rootfs/rootfs.hpp>
#include <support/file.hpp>
#include <support/result.hpp>

namespace unik::link {

struct ComponentSize {
    std::string name;
    Bytes size; // of its sections that the link kept
};

struct Kernel {
    ByteVector stripped; // kernel.elf
    ByteVector debug;    // kernel.debug: the same with symbols and DWARF, application symbols too
    std::string linker_script;
    std::vector<ComponentSize> sizes;
};

struct LinkInput {
    const components::Selection* selection = nullptr;
    const elf::ElfFile* executable = nullptr;
    const rootfs::RootFs* rootfs = nullptr;
    const unikfile::Manifest* manifest = nullptr;
};

// Uses ld.lld, or ld where that is missing. Errors: missing-tool (3), link-failed with ld's words.
Result<Kernel> link(const LinkInput& input);

} // namespace unik::link
