#include <efi/kernel_file.hpp>

#include <elf/elf_file.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const unik::ByteSpan bytes(data, size);
    const auto read = unik::efi::read_kernel_file(bytes);
    if (read.ok() && read.value().image_size > size)
        __builtin_trap();
    const auto kernel = unik::elf::ElfFile::parse(unik::ByteVector(data, data + size), "fuzz");
    // The file is as large as the kernel's memory: only small ones.
    if (!kernel.ok())
        return 0;
    for (const unik::elf::Segment& segment : kernel.value().segments())
        if (segment.physical_address > (2U << 20))
            return 0;
    const auto file = unik::efi::make_kernel_file({.kernel = &kernel.value(), .name = "fuzz"});
    if (file.ok() && !unik::efi::read_kernel_file(file.value()).ok())
        __builtin_trap();
    return 0;
}
