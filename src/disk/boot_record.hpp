// Filling in our BIOS boot record (vocabulary/boot_record_layout.hpp): where it finds itself and
// the kernel on the disk, and where the kernel's image goes in memory.
#pragma once

#include <string_view>

#include <efi/kernel_file.hpp>
#include <support/file.hpp>
#include <support/result.hpp>

namespace unik::disk {

struct BootRecord {
    ByteVector mbr_code;  // 440 bytes
    ByteVector stage_two; // second stage and load table, whole sectors
};

// In sectors of 512 bytes; the second stage's is a multiple of 8.
struct BootPlaces {
    std::uint64_t stage_two = 0;
    std::uint64_t kernel_file = 0;
};

// Checks that the flat binary is one of ours before anything is laid out (broken-boot-record).
Result<void> check_boot_record(ByteSpan flat);

// Errors: broken-boot-record, kernel-not-bootable.
Result<BootRecord> fill_boot_record(ByteSpan flat, const efi::KernelFile& kernel,
                                    std::string_view name, const BootPlaces& places);

// The sum of the 32-bit words, which is 0 for a whole second stage. Precondition: whole words.
std::uint32_t sum_of_words(ByteSpan bytes);

} // namespace unik::disk
