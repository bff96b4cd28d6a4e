#include <disk/fat_geometry.hpp>

#include <algorithm>

namespace unik::disk {
namespace {

constexpr std::uint64_t k_margin = 16; // clusters

constexpr std::uint64_t divide_up(std::uint64_t a, std::uint64_t b) {
    return (a + b - 1) / b;
}

constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t step) {
    return divide_up(value, step) * step;
}

constexpr std::uint64_t k_least_16 = k_fat16_clusters + k_margin;
constexpr std::uint64_t k_most_16 = k_fat32_clusters - 1 - k_margin;
constexpr std::uint64_t k_least_32 = k_fat32_clusters + k_margin;
constexpr std::uint64_t k_most_32 = 1ULL << 28;

// In the order in which they are tried, each up to a number of clusters. The first row of FAT32
// closes the gap between the largest FAT16 volume and the smallest of the next row.
constexpr FatShape k_shapes[] = {
    {FatKind::fat16, 1, k_least_16, k_most_16},  {FatKind::fat16, 2, k_least_16, k_most_16},
    {FatKind::fat16, 4, k_least_16, k_most_16},  {FatKind::fat16, 8, k_least_16, k_most_16},
    {FatKind::fat32, 4, k_least_32, 1 << 18},    {FatKind::fat32, 8, k_least_32, 1 << 21},
    {FatKind::fat32, 16, k_least_32, 1 << 21},   {FatKind::fat32, 32, k_least_32, 1 << 21},
    {FatKind::fat32, 64, k_least_32, k_most_32},
};

std::uint64_t root_sectors(const FatShape& shape) {
    constexpr std::uint64_t bytes = k_fat16_root_entries * sizeof(FatDirectoryEntry);
    return shape.kind == FatKind::fat16 ? bytes / k_sector_size : 0;
}

std::uint64_t fat_sectors(const FatShape& shape, std::uint64_t clusters) {
    const std::uint64_t entry = shape.kind == FatKind::fat16 ? 2 : 4;
    return divide_up((clusters + k_fat_first_cluster) * entry, k_sector_size);
}

std::uint64_t first_data(const FatShape& shape, std::uint64_t fat) {
    const std::uint64_t reserved = shape.kind == FatKind::fat16 ? 1 : 32;
    return round_up(reserved + k_fat_copies * fat + root_sectors(shape), k_fat_alignment);
}

std::optional<FatGeometry> geometry_of(const FatShape& shape, std::uint64_t sectors) {
    FatGeometry out{shape};
    out.fat_sectors = fat_sectors(shape, sectors / shape.cluster_sectors);
    out.root_sectors = root_sectors(shape);
    out.first_data = first_data(shape, out.fat_sectors);
    out.reserved = out.first_data - k_fat_copies * out.fat_sectors - out.root_sectors;
    if (sectors <= out.first_data)
        return std::nullopt;
    out.clusters = (sectors - out.first_data) / shape.cluster_sectors;
    if (out.clusters < shape.least || out.clusters > shape.most)
        return std::nullopt;
    return out;
}

std::uint64_t clusters_used(const FatShape& shape, const std::vector<FatNode>& root) {
    return FatPlan(shape, root).end() - k_fat_first_cluster;
}

std::uint64_t directory_bytes(const FatPlaced& directory) {
    const std::size_t own = directory.node == nullptr ? 1 : 2; // the label, or "." and ".."
    return (own + directory.children->size()) * sizeof(FatDirectoryEntry);
}

} // namespace

std::optional<FatGeometry> fat_geometry(std::uint64_t sectors) {
    for (const FatShape& shape : k_shapes) {
        if (auto found = geometry_of(shape, sectors))
            return found;
    }
    return std::nullopt;
}

FatPlan::FatPlan(const FatShape& shape, const std::vector<FatNode>& root) : shape_(shape) {
    placed_.push_back({nullptr, &root});
    for (std::size_t i = 0; i < placed_.size(); ++i)
        note_children(i, true);
    const std::size_t directories = placed_.size();
    for (std::size_t i = 0; i < directories; ++i)
        note_children(i, false);
    for (FatPlaced& each : placed_)
        place(each);
}

void FatPlan::note_children(std::size_t parent, bool directories) {
    for (const FatNode& child : *placed_[parent].children) {
        if (child.is_directory == directories)
            placed_.push_back({&child, directories ? &child.children : nullptr, parent});
    }
}

void FatPlan::place(FatPlaced& each) {
    if (each.node == nullptr && shape_.kind == FatKind::fat16)
        return; // FAT16's root directory has a place of its own
    const bool is_file = each.children == nullptr;
    const std::uint64_t bytes = is_file ? each.node->content.size() : directory_bytes(each);
    each.count = divide_up(bytes, shape_.cluster_sectors * k_sector_size);
    if (each.count == 0)
        return;
    const std::uint64_t step =
        is_file ? divide_up(k_fat_alignment, shape_.cluster_sectors) : std::uint64_t{1};
    each.first = round_up(next_ - k_fat_first_cluster, step) + k_fat_first_cluster;
    next_ = each.first + each.count;
}

std::uint64_t FatPlan::cluster_of(const FatNode& node) const {
    const auto found = std::find_if(placed_.begin(), placed_.end(),
                                    [&](const FatPlaced& each) { return each.node == &node; });
    return found->first;
}

bool fat_holds(const std::vector<FatNode>& root, std::uint64_t sectors) {
    const auto geometry = fat_geometry(sectors);
    return geometry && clusters_used(geometry->shape, root) <= geometry->clusters;
}

std::uint64_t smallest_fat(const std::vector<FatNode>& root) {
    for (const FatShape& shape : k_shapes) {
        const std::uint64_t used = clusters_used(shape, root);
        if (used > shape.most)
            continue;
        const std::uint64_t clusters = std::max(used, shape.least);
        std::uint64_t sectors =
            first_data(shape, fat_sectors(shape, clusters)) + clusters * shape.cluster_sectors;
        sectors = round_up(sectors, k_fat_alignment);
        // The FAT is made for what would fit without it, so a little more may be needed.
        while (!fat_holds(root, sectors))
            sectors += k_fat_alignment;
        return sectors;
    }
    return k_fat_no_size;
}

} // namespace unik::disk
