#include <disk/containers/vhdx.hpp>

#include <algorithm>
#include <array>
#include <cstring>

#include <fmt/format.h>

#include <disk/containers/blocks.hpp>
#include <disk/containers/containers.hpp>
#include <disk/containers/fingerprint.hpp>

namespace unik::disk {
namespace {

constexpr std::uint64_t k_log = 1 * k_vhdx_mib;
constexpr std::uint64_t k_metadata = 2 * k_vhdx_mib;
constexpr std::uint64_t k_bat = 3 * k_vhdx_mib;
constexpr std::uint64_t k_smallest_of_ours = 2ULL << 20;
constexpr std::uint64_t k_most_blocks = 1ULL << 20; // keeps the BAT below 8 MiB
constexpr std::uint32_t k_logical_sector = 512;
constexpr std::uint32_t k_physical_sector = 4096;

// Small blocks leave out more zeros; very large disks have larger ones, or the BAT would be huge.
std::uint64_t block_for(std::uint64_t size) {
    std::uint64_t block = k_smallest_of_ours;
    while (divide_up(size, block) > k_most_blocks)
        block *= 2;
    return block;
}

// Entries for blocks, with one for a bitmap behind each full chunk.
class Bat {
public:
    Bat(std::uint64_t blocks, std::uint64_t block)
        : ratio_(vhdx_chunk_ratio(block, k_logical_sector)),
          entries_(blocks == 0 ? 0 : blocks + (blocks - 1) / ratio_) {}
    void set(std::uint64_t block, std::uint64_t offset) {
        entries_[block + block / ratio_] = offset | k_vhdx_present; // the offset is whole MiB
    }
    std::uint64_t region_length() const {
        return std::max(round_up(entries_.size() * sizeof(Le64), k_vhdx_mib), k_vhdx_mib);
    }
    ByteSpan bytes() const { return bytes_of(entries_); }

private:
    std::uint64_t ratio_;
    std::vector<Le64> entries_;
};

Result<void> write_identifier(AtomicFile& file) {
    struct {
        Le64 signature;
        Le16 creator[256];
    } identifier{};
    identifier.signature = k_vhdx_signature;
    constexpr std::string_view k_creator = "unik";
    for (std::size_t i = 0; i < k_creator.size(); ++i)
        identifier.creator[i] = static_cast<std::uint8_t>(k_creator[i]);
    return file.write_at(0, bytes_of(identifier));
}

Result<void> write_headers(AtomicFile& file, const Fingerprint& fingerprint, Bytes size) {
    for (std::size_t i = 0; i < std::size(k_vhdx_header_offsets); ++i) {
        VhdxHeader header{};
        header.signature = k_vhdx_header_signature;
        header.sequence = i;
        header.file_write = fingerprint.guid("VHDX file", size);
        header.data_write = fingerprint.guid("VHDX data", size);
        header.version = 1;
        header.log_length = k_vhdx_mib;
        header.log_offset = k_log;
        std::array<std::uint8_t, k_vhdx_header_size> whole{};
        std::memcpy(whole.data(), &header, sizeof header);
        header.checksum = crc32c(whole);
        std::memcpy(whole.data(), &header, sizeof header);
        UNIK_TRY(file.write_at(k_vhdx_header_offsets[i], whole));
    }
    return {};
}

Result<void> write_regions(AtomicFile& file, std::uint64_t bat_length) {
    struct {
        VhdxTableHeader header;
        VhdxRegion regions[2];
    } table{};
    table.header.signature = k_vhdx_region_signature;
    table.header.count = std::size(table.regions);
    table.regions[0] = {guid(k_vhdx_bat), Le64(k_bat), Le32(static_cast<std::uint32_t>(bat_length)),
                        Le32(1)};
    table.regions[1] = {guid(k_vhdx_metadata), Le64(k_metadata), Le32(k_vhdx_mib), Le32(1)};
    ByteVector whole(k_vhdx_table_size);
    std::memcpy(whole.data(), &table, sizeof table);
    table.header.checksum = crc32c(whole);
    for (const std::uint64_t offset : k_vhdx_region_offsets)
        UNIK_TRY(file.write_at(offset, bytes_of(table))); // the rest is zeros, as a hole is
    return {};
}

Result<void> write_metadata(AtomicFile& file, std::uint64_t size, std::uint64_t block,
                            const Guid& id) {
    VhdxFileParameters parameters{};
    parameters.block_size = static_cast<std::uint32_t>(block);
    const Le64 disk_size(size);
    const Le32 logical(k_logical_sector);
    const Le32 physical(k_physical_sector);
    const struct {
        std::string_view id;
        ByteSpan bytes;
        std::uint32_t flags;
    } items[] = {
        {k_vhdx_file_parameters, bytes_of(parameters), k_vhdx_is_required},
        {k_vhdx_disk_size, bytes_of(disk_size), k_vhdx_is_required | k_vhdx_is_disk},
        {k_vhdx_disk_id, bytes_of(id), k_vhdx_is_required | k_vhdx_is_disk},
        {k_vhdx_logical_sector, bytes_of(logical), k_vhdx_is_required | k_vhdx_is_disk},
        {k_vhdx_physical_sector, bytes_of(physical), k_vhdx_is_required | k_vhdx_is_disk},
    };
    VhdxMetadataHeader header{};
    header.signature = k_vhdx_metadata_signature;
    header.count = std::size(items);
    UNIK_TRY(file.write_at(k_metadata, bytes_of(header)));
    std::uint64_t entry_offset = k_metadata + sizeof header;
    std::uint64_t offset = k_vhdx_table_size;
    for (const auto& item : items) {
        const VhdxMetadataEntry entry{guid(item.id), Le32(static_cast<std::uint32_t>(offset)),
                                      Le32(static_cast<std::uint32_t>(item.bytes.size())),
                                      Le32(item.flags), Le32(0)};
        UNIK_TRY(file.write_at(entry_offset, bytes_of(entry)));
        UNIK_TRY(file.write_at(k_metadata + offset, item.bytes));
        entry_offset += sizeof entry;
        offset += item.bytes.size();
    }
    return {};
}

} // namespace

std::uint32_t crc32c(ByteSpan bytes) {
    static const auto table = [] {
        std::array<std::uint32_t, 256> values{};
        for (std::uint32_t i = 0; i < values.size(); ++i) {
            std::uint32_t value = i;
            for (int bit = 0; bit < 8; ++bit)
                value = value >> 1 ^ ((value & 1) != 0 ? 0x82f63b78U : 0U);
            values[i] = value;
        }
        return values;
    }();
    std::uint32_t crc = 0xffffffff;
    for (const std::uint8_t byte : bytes)
        crc = crc >> 8 ^ table[(crc ^ byte) & 0xff];
    return ~crc;
}

Result<void> write_vhdx(Content& content, const WriteOptions& options, AtomicFile& file) {
    const std::uint64_t size = round_up(content.size().value, k_sector);
    if (size > k_vhdx_largest_disk)
        return make_error("disk-too-large",
                          fmt::format("a VHDX file holds disks of up to 64 TiB, this one has {}",
                                      to_text(Bytes{size})),
                          "write it as raw or qcow2");
    const std::uint64_t block = block_for(size);
    Bat bat(divide_up(size, block), block);
    std::uint64_t end = k_bat + bat.region_length();
    Fingerprint fingerprint;
    UNIK_TRY(for_each_run(content, block, options, [&](const Run& run) {
        fingerprint.add(run);
        const std::uint64_t offset = end;
        for (std::uint64_t i = 0; i < run.bytes.size() / block; ++i, end += block)
            bat.set(run.first + i, end);
        return write_sparse(file, offset, run.bytes);
    }));
    UNIK_TRY(write_identifier(file));
    UNIK_TRY(write_headers(file, fingerprint, Bytes{size}));
    UNIK_TRY(write_regions(file, bat.region_length()));
    UNIK_TRY(write_metadata(file, size, block, fingerprint.guid("VHDX disk", Bytes{size})));
    UNIK_TRY(file.write_at(k_bat, bat.bytes()));
    return file.resize(Bytes{end});
}

} // namespace unik::disk
