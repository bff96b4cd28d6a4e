// Reading a FAT volume that may be anybody's: every number is checked against the partition, and no
// chain is followed further than the volume has clusters.
#include <disk/disk_reader.hpp>

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include <disk/fat.hpp>

namespace unik::disk {
namespace {

constexpr std::uint64_t k_most_directory_entries = 65536; // the format's own limit: 2 MiB
constexpr std::uint64_t k_piece = 64 << 10;
constexpr std::uint8_t k_fat_attribute_long_name = 0x0f;

Error broken(std::string reason) {
    return broken_image("EFI system partition", std::move(reason));
}

// Offsets and sizes in bytes, offsets from the disk's start.
struct Volume {
    FatKind kind = FatKind::fat16;
    std::uint64_t table = 0;
    std::uint64_t data = 0;
    std::uint64_t cluster_bytes = 0;
    std::uint64_t clusters = 0;
    Range root;                     // FAT16
    std::uint32_t root_cluster = 0; // FAT32

    std::size_t entry_bytes() const { return kind == FatKind::fat16 ? 2 : 4; }
    bool holds(std::uint64_t cluster) const {
        return cluster >= k_fat_first_cluster && cluster - k_fat_first_cluster < clusters;
    }
    bool is_end(std::uint32_t entry) const {
        return entry >= (kind == FatKind::fat16 ? 0xfff8U : 0x0ffffff8U);
    }
    std::uint64_t offset_of(std::uint64_t cluster) const {
        return data + (cluster - k_fat_first_cluster) * cluster_bytes;
    }
};

bool is_power_of_two(std::uint64_t value) {
    return value != 0 && (value & (value - 1)) == 0;
}

// In sectors, as the boot sector says it.
struct Sizes {
    std::uint64_t reserved = 0;
    std::uint64_t tables = 0;
    std::uint64_t table = 0;
    std::uint64_t root = 0;
    std::uint64_t all = 0;
    std::uint64_t data() const { return reserved + tables * table + root; }
};

Result<Sizes> read_sizes(const FatBootSector& boot, const Fat32Fields& fields,
                         std::uint64_t available) {
    Sizes sizes;
    sizes.reserved = boot.reserved_sectors;
    sizes.tables = boot.fat_count;
    sizes.table = boot.fat_sectors_16 != 0 ? boot.fat_sectors_16 : fields.fat_sectors;
    sizes.root =
        (boot.root_entries * sizeof(FatDirectoryEntry) + k_sector_size - 1) / k_sector_size;
    sizes.all = boot.sectors_16 != 0 ? boot.sectors_16 : boot.sectors_32;
    if (boot.bytes_per_sector != k_sector_size || !is_power_of_two(boot.cluster_sectors) ||
        sizes.reserved == 0 || sizes.tables == 0 || sizes.tables > 2)
        return broken("its boot sector is not one of a FAT volume with sectors of 512 bytes");
    if (sizes.all > available)
        return broken(
            fmt::format("its file system has {} sectors, the partition {}", sizes.all, available));
    if (sizes.data() >= sizes.all)
        return broken("its tables leave no room for data");
    return sizes;
}

Result<Volume> open_volume(Content& disk, const Partition& partition) {
    const std::uint64_t begin = partition.first * k_sector_size;
    const auto boot = UNIK_TRY(read_object<FatBootSector>(disk, begin));
    const auto fields = UNIK_TRY(read_object<Fat32Fields>(disk, begin + sizeof boot));
    const Sizes sizes = UNIK_TRY(read_sizes(boot, fields, partition.last - partition.first + 1));
    Volume out;
    out.table = begin + sizes.reserved * k_sector_size;
    out.data = begin + sizes.data() * k_sector_size;
    out.cluster_bytes = boot.cluster_sectors * k_sector_size;
    out.clusters = (sizes.all - sizes.data()) / boot.cluster_sectors;
    if (out.clusters < k_fat16_clusters)
        return broken("it is a FAT12 volume, expected FAT16 or FAT32");
    out.kind = out.clusters < k_fat32_clusters ? FatKind::fat16 : FatKind::fat32;
    out.root = {out.data - sizes.root * k_sector_size, sizes.root * k_sector_size};
    out.root_cluster = fields.root_cluster;
    if (sizes.table * k_sector_size / out.entry_bytes() < out.clusters + k_fat_first_cluster)
        return broken("its allocation table does not cover its clusters");
    return out;
}

// The table's entries for clusters from `first` on.
Result<std::vector<std::uint32_t>> read_entries(Content& disk, const Volume& volume,
                                                std::uint64_t first, std::size_t count) {
    ByteVector bytes(count * volume.entry_bytes());
    UNIK_TRY(read_within(disk, volume.table + first * volume.entry_bytes(), bytes));
    std::vector<std::uint32_t> out(count);
    for (std::size_t i = 0; i < count; ++i) {
        Le32 entry;
        std::memcpy(&entry, bytes.data() + i * volume.entry_bytes(), volume.entry_bytes());
        out[i] = entry & 0x0fffffff;
    }
    return out;
}

// The directory's bytes, up to its end mark or k_most_directory_entries.
class Directory {
public:
    Directory(Content& disk, const Volume& volume, std::uint32_t cluster)
        : disk_(disk), volume_(volume), cluster_(cluster) {}

    // Nothing when there is no entry of this name.
    Result<std::optional<FatDirectoryEntry>> find(std::string_view stored_name) {
        std::uint64_t left = k_most_directory_entries * sizeof(FatDirectoryEntry);
        for (;;) {
            const std::optional<Range> piece = UNIK_TRY(next_piece());
            if (!piece || left == 0)
                return std::optional<FatDirectoryEntry>();
            ByteVector bytes(std::min(piece->length, left));
            UNIK_TRY(read_within(disk_, piece->offset, bytes));
            left -= bytes.size();
            for (std::size_t i = 0; i + sizeof(FatDirectoryEntry) <= bytes.size();
                 i += sizeof(FatDirectoryEntry)) {
                FatDirectoryEntry entry;
                std::memcpy(&entry, bytes.data() + i, sizeof entry);
                if (entry.name[0] == 0)
                    return std::optional<FatDirectoryEntry>();
                if (is_entry(entry) && stored_name == std::string_view(entry.name, 11))
                    return std::optional(entry);
            }
        }
    }

private:
    static bool is_entry(const FatDirectoryEntry& entry) {
        return (entry.attributes & k_fat_attribute_long_name) != k_fat_attribute_long_name &&
               (entry.attributes & k_fat_attribute_label) == 0;
    }

    // Cluster 0 stands for FAT16's root directory, which is one piece.
    Result<std::optional<Range>> next_piece() {
        if (ended_)
            return std::optional<Range>();
        if (cluster_ == 0) {
            ended_ = true;
            return std::optional(volume_.root);
        }
        if (!volume_.holds(cluster_))
            return broken(fmt::format("a directory's cluster {} does not exist", cluster_));
        const Range piece{volume_.offset_of(cluster_), volume_.cluster_bytes};
        cluster_ = UNIK_TRY(read_entries(disk_, volume_, cluster_, 1))[0];
        ended_ = volume_.is_end(cluster_);
        return std::optional(piece);
    }

    Content& disk_;
    const Volume& volume_;
    std::uint32_t cluster_;
    bool ended_ = false;
};

// Each of the file's clusters must be followed by the next one.
Result<void> check_in_one_piece(Content& disk, const Volume& volume, std::uint64_t first,
                                std::uint64_t count) {
    if (!volume.holds(first) || count > volume.clusters - (first - k_fat_first_cluster))
        return broken("a file's clusters lie outside the volume");
    const std::uint64_t end = first + count;
    for (std::uint64_t cluster = first; cluster < end;) {
        const std::uint64_t piece = std::min(end - cluster, k_piece);
        for (const std::uint32_t next : UNIK_TRY(read_entries(disk, volume, cluster, piece))) {
            ++cluster;
            if (cluster == end ? !volume.is_end(next) : next != cluster)
                return broken("a file does not lie in one piece, as unik writes it");
        }
    }
    return {};
}

} // namespace

Result<Range> find_in_fat(Content& disk, const Partition& partition,
                          std::span<const std::string_view> path) {
    const Volume volume = UNIK_TRY(open_volume(disk, partition));
    FatDirectoryEntry entry{};
    entry.attributes = k_fat_attribute_directory;
    std::uint32_t cluster = volume.kind == FatKind::fat16 ? 0 : volume.root_cluster;
    std::string walked;
    for (const std::string_view name : path) {
        walked += fmt::format("\\{}", name);
        std::optional<FatDirectoryEntry> found;
        if ((entry.attributes & k_fat_attribute_directory) != 0)
            found = UNIK_TRY(Directory(disk, volume, cluster).find(fat_stored_name(name)));
        if (!found)
            return broken(fmt::format("it does not hold {}", walked));
        entry = *found;
        cluster = static_cast<std::uint32_t>(entry.cluster_high << 16) | entry.cluster_low;
        if (cluster == 0) // would be the root directory; an empty file has no place
            return broken(fmt::format("{} is empty", walked));
    }
    const std::uint64_t count = (entry.size + volume.cluster_bytes - 1) / volume.cluster_bytes;
    if ((entry.attributes & k_fat_attribute_directory) != 0 || count == 0)
        return broken(fmt::format("{} is not a file with content", walked));
    UNIK_TRY(check_in_one_piece(disk, volume, cluster, count));
    return Range{volume.offset_of(cluster), entry.size};
}

} // namespace unik::disk
