// Filling in our BIOS boot record (vocabulary/boot_record_layout.hpp): where it finds itself and
// the kernel on the disk, and where the kernel's segments go in memory.
#pragma once

#include <string>

#include <disk/layout.hpp>
#include <elf/elf_file.hpp>
#include <support/result.hpp>

namespace unik::disk {

struct BootRecord {
    ByteVector mbr_code;  // 440 bytes
    ByteVector stage_two; // second stage and load table, whole sectors
};

// Checks that the flat binary is one of ours before anything is laid out (broken-boot-record).
Result<void> check_boot_record(ByteSpan flat);

// stage_two and kernel: the first sectors of the two partitions. Errors: kernel-not-bootable.
Result<BootRecord> fill_boot_record(ByteSpan flat, const elf::ElfFile& kernel,
                                    std::string_view name, std::uint64_t stage_two_sector,
                                    std::uint64_t kernel_sector);

// The physical address of the PVH entry, from the ELF note XEN_ELFNOTE_PHYS32_ENTRY.
Result<std::uint32_t> pvh_entry(const elf::ElfFile& kernel);

} // namespace unik::disk
