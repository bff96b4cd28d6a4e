// Reading back what is on a disk: the partition table, our load table, and the kernel in the EFI
// system partition. Everything is checked (bounds, CRCs, overlaps, loops); a hostile disk is an
// Error `broken-image`, never memory beyond a few MiB.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <vocabulary/boot_record_layout.hpp>

#include <disk/content.hpp>
#include <disk/gpt.hpp>

namespace unik::disk {

// Both headers and both copies of the entries must be right and agree.
Result<PartitionTable> read_partition_table(Content& disk);

struct LoadTable {
    std::string name;
    std::uint32_t kernel_entry = 0;
    std::vector<vocabulary::LoadEntry> entries;
};

// What our boot record would load: follows the MBR's packet to the load table.
Result<LoadTable> read_load_table(Content& disk);

// A file of a FAT16 or FAT32 volume that lies in one piece, as unik writes it: its bytes on the
// disk. path: the names from the root directory on. Errors: broken-image.
Result<Range> find_in_fat(Content& disk, const Partition& partition,
                          std::span<const std::string_view> path);

struct UnikDisk {
    PartitionTable table;
    Partition esp;
    Range kernel_file; // \EFI\BOOT\BOOTX64.EFI
    LoadTable load_table;
};

// A disk that unik made, all its parts in their places. Errors: broken-image.
Result<UnikDisk> read_unik_disk(Content& disk);

} // namespace unik::disk
