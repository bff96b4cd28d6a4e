#include <disk/disk_reader.hpp>

#include <algorithm>
#include <array>
#include <cstring>

#include <fmt/format.h>

#include <disk/boot_record.hpp>
#include <disk/disk.hpp>

namespace unik::disk {
namespace {

// One of the two copies of the table: the header at this LBA, and its entries.
struct Copy {
    GptHeader header{};
    ByteVector entries;
};

Error wrong_table(const std::string& copy, std::string reason) {
    return broken_image(copy, std::move(reason));
}

Result<void> check_header(const Copy& copy, std::uint64_t lba, const std::string& name) {
    GptHeader header = copy.header;
    if (header.signature != k_gpt_signature)
        return wrong_table(name, "it has no signature 'EFI PART'");
    if (header.revision != k_gpt_revision || header.header_size != sizeof(GptHeader))
        return wrong_table(name, "its header is not of revision 1.0 with 92 bytes");
    const std::uint32_t expected = header.header_crc;
    header.header_crc = 0;
    const std::uint32_t found =
        crc32({reinterpret_cast<const std::uint8_t*>(&header), sizeof header});
    if (found != expected)
        return wrong_table(
            name, fmt::format("its header's checksum is {:08x}, expected {:08x}", found, expected));
    if (header.own_lba != lba || header.entry_count != k_entry_count ||
        header.entry_size != sizeof(GptEntry))
        return wrong_table(name, "its header does not describe 128 entries of 128 bytes here");
    return {};
}

Result<Copy> read_copy(Content& disk, std::uint64_t lba, std::string name) {
    Copy copy;
    copy.header = UNIK_TRY(read_object<GptHeader>(disk, lba * k_sector_size));
    UNIK_TRY(check_header(copy, lba, name));
    const std::uint64_t sectors = disk.size().value / k_sector_size;
    if (copy.header.entries_lba >= sectors)
        return wrong_table(name, "its entries lie outside the disk");
    copy.entries.resize(k_entry_sectors * k_sector_size);
    UNIK_TRY(read_within(disk, copy.header.entries_lba * k_sector_size, copy.entries));
    if (crc32(copy.entries) != copy.header.entries_crc)
        return wrong_table(name, "its entries' checksum is wrong");
    return copy;
}

std::string name_of(const GptEntry& entry) {
    std::string name;
    for (const Le16& unit : entry.name) {
        if (unit == 0)
            break;
        name += unit >= ' ' && unit <= '~' ? static_cast<char>(unit) : '?';
    }
    return name;
}

Result<std::vector<Partition>> partitions_of(const Copy& copy, const std::string& name) {
    std::vector<Partition> out;
    for (std::size_t i = 0; i < k_entry_count; ++i) {
        GptEntry entry;
        std::memcpy(&entry, copy.entries.data() + i * sizeof entry, sizeof entry);
        if (entry.type == Guid{})
            continue;
        if (entry.first < copy.header.first_usable || entry.last > copy.header.last_usable ||
            entry.first > entry.last)
            return wrong_table(name,
                               fmt::format("partition {} lies outside the usable space", i + 1));
        out.push_back({entry.type, entry.id, entry.first, entry.last, name_of(entry)});
    }
    std::vector<Partition> sorted = out;
    std::sort(sorted.begin(), sorted.end(),
              [](const Partition& a, const Partition& b) { return a.first < b.first; });
    for (std::size_t i = 1; i < sorted.size(); ++i) {
        if (sorted[i].first <= sorted[i - 1].last)
            return wrong_table(name, fmt::format("partitions '{}' and '{}' overlap",
                                                 sorted[i - 1].name, sorted[i].name));
    }
    return out;
}

Result<void> check_agreement(const Copy& primary, const Copy& backup, std::uint64_t sectors) {
    if (primary.header.other_lba != sectors - 1 || backup.header.other_lba != 1 ||
        primary.header.disk != backup.header.disk || primary.entries != backup.entries ||
        primary.header.first_usable != backup.header.first_usable ||
        primary.header.last_usable != backup.header.last_usable)
        return wrong_table("partition table", "its two copies do not agree");
    if (primary.header.first_usable < k_first_usable ||
        primary.header.last_usable >= sectors - 1 - k_entry_sectors)
        return wrong_table("partition table", "its usable space reaches into the table itself");
    return {};
}

} // namespace

Result<PartitionTable> read_partition_table(Content& disk) {
    const std::uint64_t sectors = disk.size().value / k_sector_size;
    if (sectors < 2 * (k_first_usable + 1))
        return wrong_table("partition table", "the disk is too small to hold one");
    const Copy primary = UNIK_TRY(read_copy(disk, 1, "primary partition table"));
    const Copy backup = UNIK_TRY(read_copy(disk, sectors - 1, "backup partition table"));
    UNIK_TRY(check_agreement(primary, backup, sectors));
    PartitionTable table;
    table.disk = primary.header.disk;
    table.sectors = sectors;
    table.partitions = UNIK_TRY(partitions_of(primary, "partition table"));
    return table;
}

Result<LoadTable> read_load_table(Content& disk) {
    using namespace vocabulary;
    const auto packet = UNIK_TRY(read_object<DiskAddressPacket>(disk, UNIK_PACKET_OFFSET));
    const std::uint64_t bytes = packet.sectors * k_sector_size;
    if (bytes < k_load_table_size || bytes > k_stage_two_limit ||
        packet.lba > disk.size().value / k_sector_size)
        return broken_image("boot record", "its second stage does not lie on the disk");
    ByteVector stage_two(bytes);
    UNIK_TRY(read_within(disk, packet.lba * k_sector_size, stage_two));
    const ByteSpan raw = ByteSpan(stage_two).last(k_load_table_size);
    LoadTableHeader header;
    std::memcpy(&header, raw.data(), sizeof header);
    if (sum_of_words(stage_two) != 0)
        return broken_image("boot record", "its checksum is wrong");
    if (header.magic != UNIK_LOAD_TABLE_MAGIC || header.entry_count == 0 ||
        header.entry_count > k_load_entry_limit)
        return broken_image("boot record", "it has no load table");
    LoadTable table;
    table.name.assign(header.name, ::strnlen(header.name, sizeof header.name));
    table.kernel_entry = header.kernel_entry;
    table.entries.resize(header.entry_count);
    std::memcpy(table.entries.data(), raw.data() + sizeof header,
                table.entries.size() * sizeof(LoadEntry));
    return table;
}

Result<UnikDisk> read_unik_disk(Content& disk) {
    constexpr std::array<std::string_view, 3> k_kernel_path{"EFI", "BOOT", "BOOTX64.EFI"};
    const auto other = [&](std::string reason) {
        return broken_image(disk.name(), "it is not a disk that unik made: " + reason);
    };
    UnikDisk out;
    out.table = UNIK_TRY(read_partition_table(disk));
    if (out.table.partitions.size() < 2 || out.table.partitions[0].type != guid(k_bios_boot_type) ||
        out.table.partitions[1].type != guid(k_esp_type))
        return other("its first two partitions are not a BIOS boot and an EFI system partition");
    out.esp = out.table.partitions[1];
    for (const Partition& partition : out.table.partitions) {
        if (partition.first < k_gap_end && partition.last >= k_gap_first)
            return other(fmt::format("partition '{}' lies in sectors {} to {}", partition.name,
                                     k_gap_first, k_gap_end - 1));
    }
    out.kernel_file = UNIK_TRY(find_in_fat(disk, out.esp, k_kernel_path));
    out.load_table = UNIK_TRY(read_load_table(disk));
    return out;
}

} // namespace unik::disk
