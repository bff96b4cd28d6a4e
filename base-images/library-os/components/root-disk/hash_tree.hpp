// Where digests stand: dm-verity's tree behind the image (vocabulary/root_layout.hpp).
//
// Level 0 holds the digests of the image's blocks, each further level those of the level below, up
// to one block, the top, whose digest the kernel carries. On the disk the top comes first and level
// 0 last. An image of one block has no tree: the kernel carries that block's digest.
#pragma once

#include <cstdint>

#include <vocabulary/root_layout.hpp>

namespace os::root_disk {

class HashTree {
public:
    static constexpr unsigned k_most_levels = 10; // 128^10 > 2^64

    explicit constexpr HashTree(std::uint64_t image_blocks) {
        while (image_blocks > 1) {
            image_blocks = (image_blocks + k_ways - 1) / k_ways;
            levels_[level_count_++].size = image_blocks;
        }
        for (unsigned level = level_count_; level-- > 0;) {
            levels_[level].start = block_count_;
            block_count_ += levels_[level].size;
        }
    }

    constexpr unsigned level_count() const { return level_count_; }
    constexpr std::uint64_t block_count() const { return block_count_; }

    struct Place {
        std::uint64_t block; // of the tree
        std::uint32_t byte;  // in it
    };
    // Of a block of the image.
    constexpr Place image_block(std::uint64_t block) const { return place(0, block); }
    // Of a block of the tree that is not the top, which is block 0.
    constexpr Place tree_block(std::uint64_t block) const {
        unsigned level = 0;
        while (block < levels_[level].start)
            ++level;
        return place(level + 1, block - levels_[level].start);
    }
    // The block of this level that leads to a block of the image.
    constexpr std::uint64_t ancestor(unsigned level, std::uint64_t image_block) const {
        for (unsigned i = 0; i < level; ++i)
            image_block /= k_ways;
        return place(level, image_block).block;
    }

private:
    static constexpr std::uint64_t k_ways = vocabulary::k_root_digests_per_block;

    // Of the block with this number in what the level describes.
    constexpr Place place(unsigned level, std::uint64_t number) const {
        return {levels_[level].start + number / k_ways,
                static_cast<std::uint32_t>(number % k_ways) * vocabulary::k_root_digest_size};
    }

    struct Level {
        std::uint64_t start = 0;
        std::uint64_t size = 0;
    };
    Level levels_[k_most_levels] = {};
    unsigned level_count_ = 0;
    std::uint64_t block_count_ = 0;
};

} // namespace os::root_disk
