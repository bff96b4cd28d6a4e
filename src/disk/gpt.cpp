#include <disk/gpt.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

namespace unik::disk {
namespace {

constexpr std::array<std::uint32_t, 256> k_crc_table = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < table.size(); ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit)
            value = (value & 1) != 0 ? value >> 1 ^ 0xedb88320 : value >> 1;
        table[i] = value;
    }
    return table;
}();

template <typename T>
ByteSpan bytes_of(const T& value) {
    return {reinterpret_cast<const std::uint8_t*>(&value), sizeof value};
}

template <typename T>
void place(ByteVector& out, std::size_t offset, const T& value) {
    std::memcpy(out.data() + offset, &value, sizeof value);
}

ByteVector entries_of(const PartitionTable& table) {
    ByteVector out(k_entry_sectors * k_sector_size);
    std::size_t offset = 0;
    for (const Partition& partition : table.partitions) {
        GptEntry entry{};
        entry.type = partition.type;
        entry.id = partition.id;
        entry.first = partition.first;
        entry.last = partition.last;
        for (std::size_t i = 0; i < std::min(partition.name.size(), std::size(entry.name)); ++i)
            entry.name[i] = static_cast<std::uint8_t>(partition.name[i]);
        place(out, offset, entry);
        offset += sizeof entry;
    }
    return out;
}

struct HeaderPlace {
    std::uint64_t own;
    std::uint64_t other;
    std::uint64_t entries;
};

GptHeader header_of(const PartitionTable& table, const HeaderPlace& where, ByteSpan entries) {
    GptHeader header{};
    header.signature = k_gpt_signature;
    header.revision = k_gpt_revision;
    header.header_size = sizeof(GptHeader);
    header.own_lba = where.own;
    header.other_lba = where.other;
    header.first_usable = k_first_usable;
    header.last_usable = table.sectors - k_first_usable;
    header.disk = table.disk;
    header.entries_lba = where.entries;
    header.entry_count = k_entry_count;
    header.entry_size = sizeof(GptEntry);
    header.entries_crc = crc32(entries);
    header.header_crc = crc32(bytes_of(header));
    return header;
}

// UEFI 2.10, section 5.2.3.
void place_protective_mbr(ByteVector& out, std::uint64_t sectors, ByteSpan boot_code) {
    std::copy(boot_code.begin(), boot_code.end(), out.begin());
    MbrPartition partition{};
    partition.first_chs[1] = 0x02;
    partition.type = 0xee;
    std::fill(std::begin(partition.last_chs), std::end(partition.last_chs), std::uint8_t{0xff});
    partition.first = 1;
    partition.count = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(sectors - 1, std::numeric_limits<std::uint32_t>::max()));
    place(out, 446, partition);
    out[510] = 0x55;
    out[511] = 0xaa;
}

} // namespace

std::uint32_t crc32(ByteSpan bytes) {
    std::uint32_t value = 0xffffffff;
    for (const std::uint8_t byte : bytes)
        value = value >> 8 ^ k_crc_table[(value ^ byte) & 0xff];
    return ~value;
}

ByteVector primary_gpt(const PartitionTable& table, ByteSpan boot_code) {
    const ByteVector entries = entries_of(table);
    ByteVector out(k_first_usable * k_sector_size);
    place_protective_mbr(out, table.sectors, boot_code);
    place(out, k_sector_size, header_of(table, {1, table.sectors - 1, 2}, entries));
    std::copy(entries.begin(), entries.end(), out.begin() + 2 * k_sector_size);
    return out;
}

ByteVector backup_gpt(const PartitionTable& table) {
    ByteVector out = entries_of(table);
    const std::uint64_t first = table.sectors - 1 - k_entry_sectors;
    const GptHeader header = header_of(table, {table.sectors - 1, 1, first}, out);
    out.resize(out.size() + k_sector_size);
    place(out, out.size() - k_sector_size, header);
    return out;
}

} // namespace unik::disk
