#include "partition.hpp"

#include <foundation/format.hpp>
#include <foundation/vector.hpp>
#include <vocabulary/endian.hpp>

namespace os::root_disk {

namespace {

using vocabulary::Le32;
using vocabulary::Le64;

constexpr char k_signature[] = "EFI PART";
constexpr std::uint32_t k_least_header = 92;
constexpr std::uint32_t k_most_entries = 1024;
constexpr std::uint32_t k_most_entry_size = 4096;

struct Header {
    char signature[8];
    Le32 revision;
    Le32 header_size;
    Le32 header_checksum;
    Le32 reserved;
    Le64 own_sector;
    Le64 other_sector;
    Le64 first_usable;
    Le64 last_usable;
    std::uint8_t disk[16];
    Le64 entries_sector;
    Le32 entry_count;
    Le32 entry_size;
    Le32 entries_checksum;
};
static_assert(sizeof(Header) == k_least_header);

struct Entry {
    std::uint8_t type[16];
    std::uint8_t unique[16];
    Le64 first;
    Le64 last;
    Le64 attributes;
    std::uint8_t name[72];
};
static_assert(sizeof(Entry) == 128);

// CRC-32 as in ISO 3309.
std::uint32_t checksum(Bytes bytes) {
    std::uint32_t crc = ~0U;
    for (const std::uint8_t byte : bytes) {
        crc ^= byte;
        for (unsigned bit = 0; bit < 8; ++bit)
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320U : 0U);
    }
    return ~crc;
}

Result<void> read_all(block::BlockDevice& disk, std::uint64_t offset, MutableBytes out) {
    if (UNIK_TRY(block::read(disk, offset, out)) != out.size())
        return Errno::euclean;
    return {};
}

Result<Header> read_header(block::BlockDevice& disk, std::uint64_t sector) {
    const std::uint32_t size = disk.sector_size();
    Vector<std::uint8_t> buffer;
    UNIK_TRY(buffer.resize(size));
    std::uint8_t* const bytes = buffer.data();
    UNIK_TRY(read_all(disk, sector * size, {bytes, size}));
    Header header;
    __builtin_memcpy(&header, bytes, sizeof header);
    if (__builtin_memcmp(header.signature, k_signature, sizeof header.signature) != 0 ||
        header.header_size < k_least_header || header.header_size > size ||
        header.own_sector != sector)
        return Errno::euclean;
    const Le32 none{};
    __builtin_memcpy(bytes + offsetof(Header, header_checksum), &none, sizeof none);
    if (checksum({bytes, header.header_size}) != header.header_checksum)
        return Errno::euclean;
    if (header.entry_size < sizeof(Entry) || header.entry_size > k_most_entry_size ||
        header.entry_count > k_most_entries)
        return Errno::euclean;
    return header;
}

Result<Partition> find_in_table(block::BlockDevice& disk, std::uint64_t sector, const Guid& guid) {
    const Header header = UNIK_TRY(read_header(disk, sector));
    const std::uint64_t sectors = disk.sector_count();
    const std::uint32_t size = disk.sector_size();
    Vector<std::uint8_t> entries;
    UNIK_TRY(entries.resize(std::size_t{header.entry_count} * header.entry_size));
    if (header.entries_sector >= sectors)
        return Errno::euclean;
    UNIK_TRY(read_all(disk, header.entries_sector * size, {entries.data(), entries.size()}));
    if (checksum({entries.data(), entries.size()}) != header.entries_checksum)
        return Errno::euclean;
    for (std::size_t at = 0; at < entries.size(); at += header.entry_size) {
        Entry entry;
        __builtin_memcpy(&entry, entries.data() + at, sizeof entry);
        if (__builtin_memcmp(entry.unique, guid.bytes, sizeof guid.bytes) != 0)
            continue;
        if (entry.first > entry.last || entry.last >= sectors)
            return Errno::euclean;
        return Partition{entry.first * size, (entry.last - entry.first + 1) * size};
    }
    return Errno::enoent;
}

} // namespace

// The first three fields are stored with the least significant byte first.
GuidText to_text(const Guid& guid) {
    static constexpr std::uint8_t k_order[] = {3, 2, 1,  0,  5,  4,  7,  6,
                                               8, 9, 10, 11, 12, 13, 14, 15};
    GuidText out;
    std::size_t at = 0;
    for (std::size_t i = 0; i < sizeof k_order; ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            out.text[at++] = '-';
        at += format(out.text + at, sizeof out.text - at, "%02x",
                     static_cast<unsigned>(guid.bytes[k_order[i]]));
    }
    return out;
}

Result<Partition> find_partition(block::BlockDevice& disk, const Guid& guid) {
    const Result<Partition> found = find_in_table(disk, 1, guid);
    if (found.ok() || found.error() != Errno::euclean || disk.sector_count() < 3)
        return found;
    return find_in_table(disk, disk.sector_count() - 1, guid);
}

} // namespace os::root_disk
