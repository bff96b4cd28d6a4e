#include <disk/containers/qcow2.hpp>

#include <fmt/format.h>

#include <disk/containers/block_content.hpp>
#include <disk/containers/codec.hpp>
#include <disk/containers/containers.hpp>

namespace unik::disk {
namespace {

constexpr std::uint32_t k_smallest_bits = 9;
constexpr std::uint32_t k_largest_bits = 21;
constexpr std::uint64_t k_largest_disk = 1ULL << 50;

// Feature bits that change what the clusters mean. A set dirty bit (0) only says that reference
// counts may be wrong, which reading does not use.
constexpr std::uint64_t k_dirty = 1;
constexpr std::uint64_t k_corrupt = 1 << 1;
constexpr std::uint64_t k_external_data = 1 << 2;
constexpr std::uint64_t k_extended_l2 = 1 << 4;

struct Rule {
    bool broken;
    std::string_view reason;
};

class Qcow2 : public BlockContent {
public:
    Qcow2(ContentPtr file, const Qcow2Header& header)
        : BlockContent(std::move(file), Bytes{header.size}, 1ULL << header.cluster_bits),
          bits_(header.cluster_bits),
          codec_(header.compression_type == k_qcow2_zstd ? Codec::zstd : Codec::deflate_4k),
          l1_(header.l1_table_offset, header.l1_size) {}

protected:
    Result<Place> find(std::uint64_t block) override;
    Result<void> unpack(std::uint64_t block, ByteSpan packed, std::span<std::uint8_t> out) override;
    std::uint64_t packed_limit() const override { return 2 * block_size() + k_sector; }

private:
    Place packed_place(std::uint64_t entry) const;

    std::uint32_t bits_;
    Codec codec_;
    PagedTable<Be64> l1_;
    PagedTable<Be64> l2_; // of l2_slot_
    std::uint64_t l2_slot_ = ~0ULL;
};

Place Qcow2::packed_place(std::uint64_t entry) const {
    const unsigned shift = qcow2_sectors_shift(bits_);
    const std::uint64_t offset = entry & ((1ULL << shift) - 1);
    const std::uint64_t more = (entry & (k_qcow2_compressed - 1)) >> shift;
    return {Place::Kind::packed, offset, (more + 1) * k_sector - offset % k_sector, 1};
}

Result<Place> Qcow2::find(std::uint64_t block) {
    const std::uint64_t per_table = block_size() / sizeof(Be64);
    const std::uint64_t slot = block / per_table;
    if (slot != l2_slot_) {
        const std::uint64_t offset = UNIK_TRY(l1_.at(file(), slot)) & k_qcow2_offset_mask;
        if (offset == 0)
            return hole(per_table - block % per_table);
        if (offset % block_size() != 0)
            return broken_image(name(), fmt::format("expected its L2 table {} at the beginning of "
                                                    "a cluster, found it at offset {:#x}",
                                                    slot, offset));
        UNIK_TRY(check_table(file(), "L2 table", offset, per_table, sizeof(Be64)));
        l2_ = PagedTable<Be64>(offset, per_table);
        l2_slot_ = slot;
    }
    const std::uint64_t entry = UNIK_TRY(l2_.at(file(), block % per_table));
    if ((entry & k_qcow2_compressed) != 0)
        return packed_place(entry);
    const std::uint64_t where = entry & k_qcow2_offset_mask;
    if (where == 0 || (entry & k_qcow2_reads_as_zeros) != 0)
        return hole();
    if (where % block_size() != 0)
        return broken_image(name(), fmt::format("expected cluster {} at the beginning of a "
                                                "cluster, found it at offset {:#x}",
                                                block, where));
    return Place{Place::Kind::stored, where, 0, 1};
}

Result<void> Qcow2::unpack(std::uint64_t block, ByteSpan packed, std::span<std::uint8_t> out) {
    if (unpack_block(codec_, packed, out))
        return {};
    return broken_image(name(),
                        fmt::format("expected {} bytes packed by {} in cluster {}, found "
                                    "something else",
                                    out.size(), codec_ == Codec::zstd ? "zstd" : "zlib", block));
}

Result<void> check_support(const std::string& name, const Qcow2Header& header) {
    const std::uint64_t known =
        k_dirty | k_corrupt | k_external_data | k_extended_l2 | k_qcow2_compression_feature;
    const std::uint64_t features = header.incompatible_features;
    const Rule rules[] = {
        {header.version != 2 && header.version != 3, "its version is neither 2 nor 3"},
        {header.backing_file_offset != 0, "it has a backing file"},
        {header.crypt_method != 0, "it is encrypted"},
        {header.snapshot_count != 0, "it has snapshots"},
        {(features & k_external_data) != 0, "its data lies in another file"},
        {(features & k_extended_l2) != 0, "it has subclusters (extended L2 entries)"},
        {(features & ~known) != 0, "it has features that unik does not know"},
        {header.compression_type > k_qcow2_zstd, "its clusters are packed in an unknown way"},
    };
    for (const Rule& rule : rules)
        if (rule.broken)
            return unsupported_image(name, std::string(rule.reason),
                                     "'qemu-img convert -O qcow2' writes one without");
    return {};
}

Result<void> check_header(Content& file, const Qcow2Header& header) {
    const Rule rules[] = {
        {(header.incompatible_features & k_corrupt) != 0, "it is marked as corrupt"},
        {header.cluster_bits < k_smallest_bits || header.cluster_bits > k_largest_bits,
         "expected clusters of 512 bytes to 2 MiB, found others"},
        {header.size > k_largest_disk, "its disk is larger than 1 PiB"},
    };
    for (const Rule& rule : rules)
        if (rule.broken)
            return broken_image(file.name(), std::string(rule.reason));
    const std::uint64_t cluster = 1ULL << header.cluster_bits;
    const std::uint64_t needed = divide_up(header.size, cluster * (cluster / sizeof(Be64)));
    if (header.l1_size < needed)
        return broken_image(file.name(), fmt::format("expected an L1 table of {} entries for its "
                                                     "disk of {} bytes, found {}",
                                                     needed, std::uint64_t{header.size},
                                                     std::uint32_t{header.l1_size}));
    return check_table(file, "L1 table", header.l1_table_offset, header.l1_size, sizeof(Be64));
}

// The header as version 3 has it, with the defaults for what the file leaves out.
Result<Qcow2Header> read_header(Content& file) {
    constexpr std::size_t k_version_2 = 72;
    Qcow2Header header{};
    const std::span<std::uint8_t> bytes(reinterpret_cast<std::uint8_t*>(&header), sizeof header);
    UNIK_TRY(read_within(file, 0, bytes.first(k_version_2)));
    if (header.version != 3)
        return header;
    UNIK_TRY(read_within(file, 0, bytes.first(k_qcow2_short_header)));
    if (header.header_length < k_qcow2_short_header)
        return broken_image(file.name(),
                            fmt::format("expected a header of at least {} bytes, "
                                        "found {}",
                                        k_qcow2_short_header, std::uint32_t{header.header_length}));
    if (header.header_length >= sizeof header)
        UNIK_TRY(read_within(file, 0, bytes));
    return header;
}

} // namespace

Result<bool> is_qcow2(Content& file) {
    return file.size().value >= sizeof(Be32) &&
           UNIK_TRY(read_object<Be32>(file, 0)) == k_qcow2_magic;
}

Result<ContentPtr> open_qcow2(ContentPtr file) {
    if (!UNIK_TRY(is_qcow2(*file)))
        return broken_image(file->name(), "expected the signature 'QFI\\xfb', found another");
    const Qcow2Header header = UNIK_TRY(read_header(*file));
    UNIK_TRY(check_support(file->name(), header));
    UNIK_TRY(check_header(*file, header));
    return ContentPtr(std::make_shared<Qcow2>(std::move(file), header));
}

} // namespace unik::disk
