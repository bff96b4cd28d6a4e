// Moving a disk to more space: its backup partition table belongs at the end.
#include <disk/disk.hpp>

#include <optional>

#include <disk/disk_reader.hpp>
#include <disk/overlay.hpp>

namespace unik::disk {
namespace {

constexpr std::uint64_t k_backup_bytes = (k_entry_sectors + 1) * k_sector_size;

// Nothing where there is none, or one that others made in ways of their own: that is left alone.
Result<std::optional<PartitionTable>> partition_table(Content& disk) {
    auto table = read_partition_table(disk);
    if (table.ok())
        return std::optional(std::move(table).value());
    if (table.error().diagnostics.at(0).id == "broken-image")
        return std::optional<PartitionTable>();
    return table.error();
}

} // namespace

Result<ContentPtr> grow_disk(ContentPtr disk, Bytes size) {
    const Bytes before = disk->size();
    if (size <= before)
        return disk;
    Layout pieces(size);
    std::optional<PartitionTable> table = UNIK_TRY(partition_table(*disk));
    if (!table)
        return overlay(std::move(disk), std::move(pieces));
    ByteVector boot_code(vocabulary::k_mbr_code_size);
    UNIK_TRY(read_within(*disk, 0, boot_code));
    table->sectors = size.value / k_sector_size;
    pieces.add(0, primary_gpt(*table, boot_code));
    const std::uint64_t old_backup = before.value / k_sector_size * k_sector_size - k_backup_bytes;
    const std::uint64_t new_backup = table->sectors * k_sector_size - k_backup_bytes;
    pieces.add(old_backup, ByteVector(std::min(k_backup_bytes, new_backup - old_backup)));
    pieces.add(new_backup, backup_gpt(*table));
    return overlay(std::move(disk), std::move(pieces));
}

} // namespace unik::disk
