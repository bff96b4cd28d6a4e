// A bootable disk: GPT with protective MBR, BIOS boot record, EFI system partition with the kernel,
// and a partition with the root file system where that does not lie in the kernel. The picture is
// in this folder's README.
#pragma once

#include <filesystem>
#include <string>

#include <disk/layout.hpp>
#include <support/file.hpp>
#include <support/result.hpp>
#include <support/sha256.hpp>

namespace unik::disk {

// A root file system of whole blocks, and the hash tree behind it (vocabulary/root_layout.hpp).
struct RootPartition {
    ByteSpan image; // empty: the disk has none
    ByteSpan hashes;
    Digest digest{};
};

struct DiskInput {
    ByteSpan kernel_file; // kernel.efi
    ByteSpan boot_record; // the boot-bios component's flat binary (see its README)
    std::string name;     // shown by the boot record, and seed of the ids
    Bytes esp_size;       // 0: as small as the kernel allows
    RootPartition root{};
};

// The disk's content. Same input, same content: all ids derive from it. The kernel's file and the
// root are borrowed.
// Errors: broken-boot-record, broken-kernel-file, kernel-not-bootable, kernel-too-large, esp-size.
Result<Layout> lay_out(const DiskInput& input);

// Sectors in which a disk holds nothing: an ISO image of it keeps its descriptors there (iso.hpp).
inline constexpr std::uint64_t k_gap_first = 64;
inline constexpr std::uint64_t k_gap_end = 128;

// The disk on more space, its backup partition table at the new end. What has no partition table,
// or a damaged one, is followed by zeros.
Result<ContentPtr> grow_disk(ContentPtr disk, Bytes size);

} // namespace unik::disk
