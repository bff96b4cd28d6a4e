// Where everything of a FAT volume lies: which kind of FAT and which size of clusters a number of
// sectors gets, and which clusters each directory and file of a tree gets.
#pragma once

#include <optional>

#include <disk/fat.hpp>
#include <disk/gpt.hpp>

namespace unik::disk {

inline constexpr std::uint64_t k_fat_alignment = 8; // sectors
inline constexpr std::uint64_t k_fat_copies = 2;
inline constexpr std::uint32_t k_fat16_root_entries = 512;

struct FatShape {
    FatKind kind;
    std::uint32_t cluster_sectors;
    std::uint64_t least;
    std::uint64_t most; // clusters
};

// In sectors from the volume's start.
struct FatGeometry {
    FatShape shape;
    std::uint64_t reserved = 0;
    std::uint64_t fat_sectors = 0;
    std::uint64_t root_sectors = 0;
    std::uint64_t first_data = 0;
    std::uint64_t clusters = 0;

    std::uint64_t sector_of(std::uint64_t cluster) const {
        return first_data + (cluster - k_fat_first_cluster) * shape.cluster_sectors;
    }
};

// Nothing when there is no FAT16 or FAT32 volume of this size.
std::optional<FatGeometry> fat_geometry(std::uint64_t sectors);

// A directory or a file with its clusters.
struct FatPlaced {
    const FatNode* node = nullptr;                  // null: the root directory
    const std::vector<FatNode>* children = nullptr; // null: a file
    std::size_t parent = 0;                         // index into FatPlan::placed()
    std::uint64_t first = 0;                        // clusters; 0 where none is needed
    std::uint64_t count = 0;
};

// The root, all directories, then all files: each at the next free cluster, files on 4 KiB.
class FatPlan {
public:
    FatPlan(const FatShape& shape, const std::vector<FatNode>& root);

    const std::vector<FatPlaced>& placed() const { return placed_; }
    // Past the last cluster in use.
    std::uint64_t end() const { return next_; }
    std::uint64_t cluster_of(const FatNode& node) const;

private:
    void note_children(std::size_t parent, bool directories);
    void place(FatPlaced& each);

    FatShape shape_;
    std::vector<FatPlaced> placed_;
    std::uint64_t next_ = k_fat_first_cluster;
};

} // namespace unik::disk
