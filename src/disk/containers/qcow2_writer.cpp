#include <disk/containers/qcow2.hpp>

#include <fmt/format.h>

#include <disk/containers/blocks.hpp>
#include <disk/containers/codec.hpp>
#include <disk/containers/containers.hpp>

namespace unik::disk {
namespace {

// Small clusters keep a small image small; large ones keep a large image's tables small, and pack
// better.
constexpr unsigned k_small_cluster_bits = 12;
constexpr unsigned k_large_cluster_bits = 16;
constexpr std::uint64_t k_small_disk = 256ULL << 20;

class Qcow2Writer {
public:
    Qcow2Writer(Bytes size, const WriteOptions& options, AtomicFile& file);
    // Clusters in ascending order.
    Result<void> store(const Run& run);
    Result<void> store_packed(const ParallelPacker::Packed& cluster);
    Result<void> finish();

    std::uint64_t cluster() const { return 1ULL << bits_; }

private:
    std::uint64_t table_entries() const { return cluster() / sizeof(Be64); }
    std::uint64_t take(std::uint64_t bytes); // whole clusters at the end of the file
    void count(std::uint64_t offset, std::uint64_t bytes);
    Result<void> select_table(std::uint64_t index);
    Result<void> flush_table();
    Result<void> write_refcounts();

    Bytes size_;
    Compression compression_;
    AtomicFile& file_;
    unsigned bits_;
    std::uint64_t end_ = 0;        // of what is allocated in whole clusters
    std::uint64_t packed_end_ = 0; // within the cluster that packed clusters fill, or 0
    std::vector<Be16> counts_;     // by cluster of the file
    std::vector<Be64> l1_;
    std::vector<Be64> l2_; // of l2_slot_
    std::uint64_t l2_slot_ = ~0ULL;
    std::uint64_t l1_offset_;
    std::uint64_t refcount_table_;
    std::uint64_t refcount_table_clusters_;
    std::vector<Be64> refcount_blocks_;
};

unsigned bits_for(Bytes size, Compression compression) {
    return size.value <= k_small_disk && compression == Compression::none ? k_small_cluster_bits
                                                                          : k_large_cluster_bits;
}

Qcow2Writer::Qcow2Writer(Bytes size, const WriteOptions& options, AtomicFile& file)
    : size_(size), compression_(options.compression), file_(file),
      bits_(bits_for(size, options.compression)) {
    take(cluster()); // the header
    const std::uint64_t guest = divide_up(size.value, cluster());
    const std::uint64_t blocks = divide_up(guest + guest / 64 + 64, cluster() / sizeof(Be16));
    refcount_table_clusters_ = divide_up(blocks, table_entries()); // surely enough
    refcount_table_ = take(refcount_table_clusters_ * cluster());
    refcount_blocks_.push_back(take(cluster()));
    l1_.resize(divide_up(guest, table_entries()));
    l1_offset_ = take(l1_.size() * sizeof(Be64));
}

std::uint64_t Qcow2Writer::take(std::uint64_t bytes) {
    const std::uint64_t offset = end_;
    end_ += round_up(bytes, cluster());
    count(offset, end_ - offset);
    return offset;
}

// One more reference to each cluster of the file that the bytes touch.
void Qcow2Writer::count(std::uint64_t offset, std::uint64_t bytes) {
    const std::uint64_t last = (offset + bytes - 1) / cluster();
    if (counts_.size() <= last)
        counts_.resize(last + 1);
    for (std::uint64_t i = offset / cluster(); i <= last; ++i)
        counts_[i] = static_cast<std::uint16_t>(counts_[i] + 1);
}

Result<void> Qcow2Writer::flush_table() {
    if (l2_slot_ == ~0ULL)
        return {};
    return file_.write_at(l1_[l2_slot_] & k_qcow2_offset_mask, bytes_of(l2_));
}

Result<void> Qcow2Writer::select_table(std::uint64_t index) {
    if (index / table_entries() == l2_slot_)
        return {};
    UNIK_TRY(flush_table());
    l2_slot_ = index / table_entries();
    l2_.assign(table_entries(), Be64(0));
    l1_[l2_slot_] = k_qcow2_copied | take(cluster());
    return {};
}

Result<void> Qcow2Writer::store(const Run& run) {
    for (std::size_t begin = 0; begin < run.bytes.size();) {
        const std::uint64_t index = run.first + begin / cluster();
        UNIK_TRY(select_table(index));
        const std::uint64_t slot = index % table_entries();
        const std::uint64_t clusters =
            std::min<std::uint64_t>((run.bytes.size() - begin) / cluster(), table_entries() - slot);
        const std::uint64_t offset = take(clusters * cluster());
        for (std::uint64_t i = 0; i < clusters; ++i)
            l2_[slot + i] = k_qcow2_copied | (offset + i * cluster());
        UNIK_TRY(file_.write_at(offset, run.bytes.subspan(begin, clusters * cluster())));
        begin += clusters * cluster();
    }
    return {};
}

// Packed clusters follow each other to the byte, also over the border of two clusters, as long as
// nothing else was put behind them.
Result<void> Qcow2Writer::store_packed(const ParallelPacker::Packed& cluster_data) {
    if (cluster_data.packed.empty())
        return store({cluster_data.number, cluster_data.block});
    UNIK_TRY(select_table(cluster_data.number));
    const std::uint64_t length = cluster_data.packed.size();
    const bool fits =
        packed_end_ != 0 && (packed_end_ + length <= round_up(packed_end_, cluster()) ||
                             round_up(packed_end_, cluster()) == end_);
    const std::uint64_t offset = fits ? packed_end_ : end_;
    packed_end_ = offset + length;
    end_ = std::max(end_, round_up(packed_end_, cluster()));
    count(offset, length);
    const std::uint64_t more = (offset + length - 1) / k_sector - offset / k_sector;
    l2_[cluster_data.number % table_entries()] =
        k_qcow2_compressed | more << qcow2_sectors_shift(bits_) | offset;
    return file_.write_at(offset, cluster_data.packed);
}

// The first block stands in the head; what it cannot count needs further ones, which count too.
Result<void> Qcow2Writer::write_refcounts() {
    const std::uint64_t per_block = cluster() / sizeof(Be16);
    while (refcount_blocks_.size() * per_block < end_ / cluster())
        refcount_blocks_.push_back(take(cluster()));
    for (std::size_t i = 0; i < refcount_blocks_.size(); ++i) {
        const std::size_t first = i * per_block;
        const std::size_t count = std::min<std::size_t>(per_block, counts_.size() - first);
        UNIK_TRY(
            file_.write_at(refcount_blocks_[i],
                           bytes_of(counts_).subspan(first * sizeof(Be16), count * sizeof(Be16))));
    }
    return file_.write_at(refcount_table_, bytes_of(refcount_blocks_));
}

Result<void> Qcow2Writer::finish() {
    UNIK_TRY(flush_table());
    Qcow2Header header{};
    header.magic = k_qcow2_magic;
    header.version = 3;
    header.cluster_bits = bits_;
    header.size = size_.value;
    header.l1_size = static_cast<std::uint32_t>(l1_.size());
    header.l1_table_offset = l1_offset_;
    header.refcount_table_offset = refcount_table_;
    header.refcount_table_clusters = static_cast<std::uint32_t>(refcount_table_clusters_);
    header.refcount_order = 4;
    header.header_length = k_qcow2_short_header;
    if (compression_ == Compression::zstd) {
        header.incompatible_features = k_qcow2_compression_feature;
        header.compression_type = k_qcow2_zstd;
        header.header_length = sizeof header;
    }
    // Behind the last packed cluster nothing is left to hold.
    const bool packed_last = packed_end_ != 0 && round_up(packed_end_, cluster()) == end_;
    const std::uint64_t before = end_;
    UNIK_TRY(write_refcounts());
    const std::uint64_t file_end =
        packed_last && end_ == before ? round_up(packed_end_, k_sector) : end_;
    UNIK_TRY(file_.write_at(l1_offset_, bytes_of(l1_)));
    // The header extensions behind it are ended by zeros, which a hole is.
    UNIK_TRY(file_.write_at(0, bytes_of(header)));
    return file_.resize(Bytes{file_end});
}

} // namespace

Result<void> write_qcow2(Content& content, const WriteOptions& options, AtomicFile& file) {
    const Bytes size{round_up(content.size().value, k_sector)};
    Qcow2Writer writer(size, options, file);
    if (options.compression == Compression::none) {
        UNIK_TRY(for_each_run(content, writer.cluster(), options,
                              [&](const Run& run) { return writer.store(run); }));
        return writer.finish();
    }
    ParallelPacker packer(options.compression == Compression::zstd ? Codec::zstd
                                                                   : Codec::deflate_4k,
                          writer.cluster(), writer.cluster() - 1,
                          [&](const auto& packed) { return writer.store_packed(packed); });
    UNIK_TRY(for_each_run(content, writer.cluster(), options, [&](const Run& run) -> Result<void> {
        for (std::size_t i = 0; i < run.bytes.size() / writer.cluster(); ++i)
            UNIK_TRY(packer.add(run.first + i,
                                run.bytes.subspan(i * writer.cluster(), writer.cluster())));
        return {};
    }));
    UNIK_TRY(packer.finish());
    return writer.finish();
}

} // namespace unik::disk
