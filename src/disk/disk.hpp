// Writing a bootable disk: GPT with protective MBR, BIOS boot record, and a container format.
#pragma once

#include <filesystem>
#include <string>

#include <support/file.hpp>
#include <support/result.hpp>

namespace unik::disk {

struct DiskInput {
    ByteSpan kernel;      // kernel.elf
    ByteSpan boot_record; // the boot-bios component's flat binary (see its README)
    std::string name;     // shown by the boot record, and seed of the ids
    std::string format;   // "raw", "qcow2"
};

// Same input, same bytes: the GUIDs derive from the content. Written atomically.
Result<void> write(const DiskInput& input, const std::filesystem::path& path);

} // namespace unik::disk
