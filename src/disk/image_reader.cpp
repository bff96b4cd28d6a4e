#include <disk/image_reader.hpp>

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include <disk/qcow2.hpp>

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

Result<Copy> read_copy(const Image& image, std::uint64_t lba, std::string name) {
    Copy copy;
    UNIK_TRY(image.read(lba * k_sector_size,
                        {reinterpret_cast<std::uint8_t*>(&copy.header), sizeof copy.header}));
    UNIK_TRY(check_header(copy, lba, name));
    const std::uint64_t sectors = image.size().value / k_sector_size;
    if (copy.header.entries_lba >= sectors)
        return wrong_table(name, "its entries lie outside the disk");
    copy.entries.resize(k_entry_sectors * k_sector_size);
    UNIK_TRY(image.read(copy.header.entries_lba * k_sector_size, copy.entries));
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

Error broken_image(const std::string& name, std::string reason) {
    return make_error("broken-image",
                      fmt::format("'{}' is not an image that unik reads: {}", name, reason));
}

Result<Image> Image::open(RandomAccess file) {
    vocabulary::Be32 magic;
    if (file.size.value >= sizeof magic)
        UNIK_TRY(file.read(0, {reinterpret_cast<std::uint8_t*>(&magic), sizeof magic}));
    if (magic == k_qcow2_magic)
        return Image("qcow2", UNIK_TRY(open_qcow2(std::move(file))));
    return Image("raw", std::move(file));
}

Result<void> Image::read(std::uint64_t offset, std::span<std::uint8_t> out) const {
    if (offset > size().value || out.size() > size().value - offset)
        return broken_image(content_.name,
                            fmt::format("its disk has {} bytes, too few to hold offset {:#x}",
                                        size().value, offset));
    return content_.read(offset, out);
}

Result<PartitionTable> read_partition_table(const Image& image) {
    const std::uint64_t sectors = image.size().value / k_sector_size;
    if (sectors < 2 * (k_first_usable + 1))
        return wrong_table("partition table", "the disk is too small to hold one");
    const Copy primary = UNIK_TRY(read_copy(image, 1, "primary partition table"));
    const Copy backup = UNIK_TRY(read_copy(image, sectors - 1, "backup partition table"));
    UNIK_TRY(check_agreement(primary, backup, sectors));
    PartitionTable table;
    table.disk = primary.header.disk;
    table.sectors = sectors;
    table.partitions = UNIK_TRY(partitions_of(primary, "partition table"));
    return table;
}

Result<LoadTable> read_load_table(const Image& image) {
    using namespace vocabulary;
    DiskAddressPacket packet;
    UNIK_TRY(
        image.read(UNIK_PACKET_OFFSET, {reinterpret_cast<std::uint8_t*>(&packet), sizeof packet}));
    const std::uint64_t bytes = packet.sectors * k_sector_size;
    if (bytes < k_load_table_size || bytes > k_stage_two_limit ||
        packet.lba > image.size().value / k_sector_size)
        return broken_image("boot record", "its second stage does not lie on the disk");
    std::array<std::uint8_t, k_load_table_size> raw{};
    UNIK_TRY(image.read(packet.lba * k_sector_size + bytes - raw.size(), raw));
    LoadTableHeader header;
    std::memcpy(&header, raw.data(), sizeof header);
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

} // namespace unik::disk
