// Moving a disk to more space: its backup partition table belongs at the end.
#include <disk/disk.hpp>

#include <disk/disk_reader.hpp>
#include <disk/overlay.hpp>

namespace unik::disk {
namespace {

constexpr std::uint64_t k_backup_bytes = (k_entry_sectors + 1) * k_sector_size;

Result<bool> has_partition_table(Content& disk) {
    if (disk.size().value < 2 * k_sector_size)
        return false;
    return UNIK_TRY(read_object<Le64>(disk, k_sector_size)) == k_gpt_signature;
}

} // namespace

Result<ContentPtr> grow_disk(ContentPtr disk, Bytes size) {
    const Bytes before = disk->size();
    if (size <= before)
        return disk;
    Layout pieces(size);
    if (!UNIK_TRY(has_partition_table(*disk)))
        return overlay(std::move(disk), std::move(pieces));
    PartitionTable table = UNIK_TRY(read_partition_table(*disk));
    ByteVector boot_code(vocabulary::k_mbr_code_size);
    UNIK_TRY(read_within(*disk, 0, boot_code));
    table.sectors = size.value / k_sector_size;
    pieces.add(0, primary_gpt(table, boot_code));
    const std::uint64_t old_backup = before.value / k_sector_size * k_sector_size - k_backup_bytes;
    const std::uint64_t new_backup = table.sectors * k_sector_size - k_backup_bytes;
    pieces.add(old_backup, ByteVector(std::min(k_backup_bytes, new_backup - old_backup)));
    pieces.add(new_backup, backup_gpt(table));
    return overlay(std::move(disk), std::move(pieces));
}

} // namespace unik::disk
