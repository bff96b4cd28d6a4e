#include <disk/disk.hpp>

#include <algorithm>
#include <cstring>
#include <limits>

#include <fmt/format.h>

#include <disk/boot_record.hpp>
#include <disk/fat.hpp>
#include <disk/gpt.hpp>
#include <efi/kernel_file.hpp>
#include <support/sha256.hpp>
#include <vocabulary/root_layout.hpp>

namespace unik::disk {
namespace {

constexpr std::uint64_t k_alignment = 8; // sectors: partitions begin on 4 KiB
constexpr std::uint64_t k_size_step = 1ULL << 20;
constexpr std::uint64_t k_backup_sectors = k_entry_sectors + 1;
constexpr std::uint64_t k_largest_file = std::numeric_limits<std::uint32_t>::max(); // FAT's
constexpr std::uint64_t k_largest_esp = (1ULL << 32) - k_alignment;                 // sectors

constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t step) {
    return (value + step - 1) / step * step;
}

bool has_root(const DiskInput& input) {
    return !input.root.image.empty();
}

// All that the disk holds, as the seed of its ids.
Digest seed_of(const DiskInput& input) {
    Sha256 hash;
    hash.update(fmt::format("{} {} {} {}\n", input.name.size(), input.boot_record.size(),
                            input.kernel_file.size(), input.esp_size.value));
    hash.update(input.name);
    hash.update(input.boot_record);
    hash.update(input.kernel_file);
    if (has_root(input))
        hash.update(input.root.digest); // of all that is in it
    return hash.finish();
}

std::vector<FatNode> esp_tree(ByteSpan kernel_file) {
    return {fat_directory("EFI", {fat_directory("BOOT", {fat_file("BOOTX64.EFI", kernel_file)})})};
}

Error esp_too_small(const DiskInput& input, std::uint64_t sectors) {
    const Bytes needed{round_up(sectors * k_sector_size, k_size_step)};
    return make_error(
        "esp-size",
        fmt::format("an EFI system partition of {} is too small: the kernel of {} needs one of at "
                    "least {}",
                    to_text(input.esp_size), to_text(Bytes{input.kernel_file.size()}),
                    to_text(needed)),
        fmt::format("ask for {} or more, or for no size at all: then it is as small as it can be",
                    to_text(needed)));
}

// The partition's sectors: what was asked for, or, where it is the last one, what fills the disk's
// last MiB.
Result<std::uint64_t> esp_sectors(const DiskInput& input, const std::vector<FatNode>& tree,
                                  std::uint64_t first) {
    const std::uint64_t smallest = smallest_fat(tree);
    if (input.kernel_file.size() > k_largest_file || smallest > k_largest_esp)
        return make_error("kernel-too-large",
                          fmt::format("a kernel of {} does not fit into an EFI system partition, "
                                      "whose files have less than 4 GiB",
                                      to_text(Bytes{input.kernel_file.size()})),
                          "put large files on a volume instead of into the image");
    if (input.esp_size.value == 0 && has_root(input))
        return smallest;
    if (input.esp_size.value == 0) {
        const std::uint64_t end =
            round_up(first + smallest + k_backup_sectors, k_size_step / k_sector_size);
        const std::uint64_t filling = (end - k_backup_sectors - first) / k_alignment * k_alignment;
        return fat_holds(tree, filling) ? filling : smallest;
    }
    const std::uint64_t asked = input.esp_size.value / k_sector_size / k_alignment * k_alignment;
    if (asked > k_largest_esp)
        return make_error("esp-size", fmt::format("an EFI system partition of {} is too large: a "
                                                  "FAT file system has less than 2 TiB",
                                                  to_text(input.esp_size)));
    if (asked < smallest || !fat_holds(tree, asked))
        return esp_too_small(input, smallest);
    return asked;
}

// What the kernel looks for: vocabulary/root_layout.hpp.
Partition root_partition(const RootPartition& root, std::uint64_t first) {
    Partition out;
    std::copy_n(vocabulary::k_root_partition_type, out.type.bytes.size(), out.type.bytes.begin());
    std::copy_n(root.digest.begin(), out.id.bytes.size(), out.id.bytes.begin());
    out.first = first;
    out.last = first + (root.image.size() + root.hashes.size()) / k_sector_size - 1;
    out.name = "root";
    return out;
}

PartitionTable partition(const Digest& seed, std::uint64_t first_esp, std::uint64_t sectors,
                         const RootPartition& root) {
    PartitionTable table;
    table.disk = derive_guid("unik disk", seed);
    const std::uint64_t stage_two = round_up(k_first_usable, k_alignment);
    table.partitions.push_back({guid(k_bios_boot_type), derive_guid("unik BIOS boot", seed),
                                stage_two, k_gap_first - 1, "BIOS boot"});
    table.partitions.push_back({guid(k_esp_type), derive_guid("unik ESP", seed), first_esp,
                                first_esp + sectors - 1, "EFI system"});
    if (!root.image.empty())
        table.partitions.push_back(
            root_partition(root, round_up(first_esp + sectors, k_alignment)));
    const std::uint64_t used = table.partitions.back().last + 1 + k_backup_sectors;
    table.sectors = round_up(used * k_sector_size, k_size_step) / k_sector_size;
    return table;
}

} // namespace

Result<Layout> lay_out(const DiskInput& input) {
    UNIK_TRY(check_boot_record(input.boot_record));
    const efi::KernelFile kernel = UNIK_TRY(efi::read_kernel_file(input.kernel_file));
    const Digest seed = seed_of(input);
    FatVolume volume;
    volume.root = esp_tree(input.kernel_file);
    volume.first_sector = k_gap_end;
    volume.sectors = UNIK_TRY(esp_sectors(input, volume.root, volume.first_sector));
    std::memcpy(&volume.serial, seed.data(), sizeof volume.serial);
    volume.label = "UNIK";
    const PartitionTable table = partition(seed, volume.first_sector, volume.sectors, input.root);

    const BootPlaces places{table.partitions[0].first, first_file_sector(volume)};
    BootRecord record = UNIK_TRY(fill_boot_record(input.boot_record, kernel, input.name, places));
    Layout layout(Bytes{table.sectors * k_sector_size});
    layout.add(0, primary_gpt(table, record.mbr_code));
    layout.add(places.stage_two * k_sector_size, std::move(record.stage_two));
    add_fat(volume, layout);
    if (has_root(input)) {
        const std::uint64_t start = table.partitions.back().first * k_sector_size;
        layout.add(start, input.root.image);
        layout.add(start + input.root.image.size(), input.root.hashes);
    }
    layout.add(layout.size().value - k_backup_sectors * k_sector_size, backup_gpt(table));
    return layout;
}

} // namespace unik::disk
