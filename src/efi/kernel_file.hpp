// kernel.efi, the form of the kernel that UEFI firmware, Linux loaders and our BIOS boot record
// take (vocabulary/kernel_file_layout.hpp; PE/COFF: Microsoft's specification and
// UEFI 2.10, 2.1.1).
#pragma once

#include <string>

#include <elf/elf_file.hpp>
#include <support/file.hpp>
#include <support/result.hpp>

namespace unik::efi {

struct KernelFileInput {
    const elf::ElfFile* kernel = nullptr; // kernel.elf
    // The page that linux-setup's flat binary gives (empty: no Linux setup header).
    ByteSpan linux_setup{};
    std::string name{}; // of the image; what is not printable ASCII becomes '?'
};

// Same input, same bytes. Errors: kernel-not-bootable.
Result<ByteVector> make_kernel_file(const KernelFileInput& input);

// What a kernel file says of itself, checked against its size (broken-kernel-file).
struct KernelFile {
    std::string name;
    std::uint32_t pvh_entry = 0;
    std::uint64_t load_address = 0;
    std::uint32_t image_offset = 0;
    std::uint32_t image_size = 0;
    std::uint32_t memory_size = 0;
};
Result<KernelFile> read_kernel_file(ByteSpan bytes);

} // namespace unik::efi
