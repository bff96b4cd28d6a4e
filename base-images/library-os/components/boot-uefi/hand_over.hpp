// What the application has learned from the firmware and the front door puts into the BootInfo. It
// lies in loader memory, with the memory map behind it, so it is gone once the kernel uses that.
#pragma once

#include <arch/boot_info.hpp>

namespace os::boot_uefi {

struct MemoryMap {
    std::uint64_t start = 0; // physical address of the descriptors
    std::uint64_t size = 0;
    std::uint64_t descriptor_size = 0; // at least that of MemoryDescriptor
};

struct HandOver {
    PhysAddr acpi_root;
    arch::Framebuffer framebuffer;
    char command_line[sizeof(arch::BootInfo::command_line)] = {};
    MemoryMap map;
};

} // namespace os::boot_uefi
