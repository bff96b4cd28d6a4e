// An image in a partition, of which nothing is handed out that its hash tree does not vouch for.
#pragma once

#include <block/block_device.hpp>
#include <erofs/block_source.hpp>
#include <page-cache/page_cache.hpp>
#include <sha256/sha256.hpp>

#include "hash_tree.hpp"
#include "partition.hpp"

namespace os::root_disk {

class CheckedImage final : public erofs::BlockSource {
public:
    // Precondition: the partition has room for the image of so many blocks and its tree. `limit`:
    // how many blocks are kept in memory.
    CheckedImage(block::BlockDevice& disk, const Partition& partition, std::uint64_t blocks,
                 const Sha256Digest& root, std::uint64_t limit);

    std::uint64_t block_count() const override { return blocks_; }
    bool may_block() const override { return true; }
    Result<PhysAddr> hold(std::uint64_t block, std::uint64_t ahead) override {
        return pages_.hold(block, ahead);
    }
    void release(std::uint64_t block, PhysAddr) override { pages_.release(block); }

    page_cache::PageCache& pages() { return pages_; }
    page_cache::PageCache& tree_pages() { return tree_pages_; }

private:
    class ImageBlocks final : public page_cache::PageSource {
    public:
        explicit ImageBlocks(CheckedImage& image) : image_(image) {}
        Result<std::size_t> read(std::uint64_t first, Span<const PhysAddr> frames) override {
            return image_.read_blocks(first, frames);
        }

    private:
        CheckedImage& image_;
    };
    class TreeBlocks final : public page_cache::PageSource {
    public:
        explicit TreeBlocks(CheckedImage& image) : image_(image) {}
        Result<std::size_t> read(std::uint64_t first, Span<const PhysAddr> frames) override {
            return image_.read_tree_block(first, frames[0]);
        }

    private:
        CheckedImage& image_;
    };

    Result<std::size_t> read_blocks(std::uint64_t first, Span<const PhysAddr> frames);
    Result<std::size_t> read_tree_block(std::uint64_t block, PhysAddr frame);
    // Into the frames, unchecked; says how many.
    Result<std::size_t> read_unchecked(std::uint64_t first, Span<const PhysAddr> frames);
    Result<Sha256Digest> digest_of_block(std::uint64_t block);
    Result<Sha256Digest> digest_of_tree_block(std::uint64_t block);
    Errno refuse(std::uint64_t block, const char* of_what);

    block::BlockDevice& disk_;
    Partition partition_;
    std::uint64_t blocks_;
    HashTree tree_;
    Sha256Digest root_;
    ImageBlocks image_blocks_{*this};
    TreeBlocks tree_blocks_{*this};
    page_cache::PageCache pages_;
    page_cache::PageCache tree_pages_;
    unsigned reports_ = 0;
};

} // namespace os::root_disk
