// The image as superblock, inodes and their bytes. All that it says is taken for an outsider's
// word: a place outside the image, an unknown form or a length that cannot be is euclean.
#pragma once

#include <erofs/block_source.hpp>
#include <foundation/result.hpp>
#include <foundation/types.hpp>
#include <vocabulary/erofs_layout.hpp>

#include "held_block.hpp"

namespace os::erofs {

// An inode as the image has it, its form checked.
struct InodeRecord {
    std::uint64_t node = 0;
    std::uint32_t mode = 0;
    std::uint32_t links = 0;
    std::uint32_t user = 0;
    std::uint32_t group = 0;
    std::uint64_t size = 0;
    std::uint64_t device = 0; // of device files
    Nanoseconds modified{};
    std::uint64_t first_block = 0;
    std::uint64_t tail = 0; // the byte where what is behind the whole blocks lies; 0: in a block

    std::uint64_t whole_blocks() const { return size / vocabulary::erofs::k_block_size; }
    std::uint64_t pages() const {
        return whole_blocks() + (size % vocabulary::erofs::k_block_size != 0 ? 1 : 0);
    }
    bool in_tail(std::uint64_t page) const { return tail != 0 && page == whole_blocks(); }
};

// Some of a file's bytes, held.
struct HeldBytes {
    HeldBlock block;
    Bytes bytes;
};

class Volume {
public:
    // euclean: no EROFS image, or one of a kind that is not read; `why` says it in words.
    static Result<Volume> create(BlockSource& source, const char*& why);

    Result<InodeRecord> inode(std::uint64_t node) const;
    // The bytes of the inode's page, of which the last may be short. Precondition: page < pages().
    Result<HeldBytes> page(const InodeRecord& inode, std::uint64_t page,
                           std::uint64_t ahead = 0) const;

    BlockSource& source() const { return *source_; }
    std::uint64_t root_node() const { return root_node_; }
    std::uint64_t blocks() const { return blocks_; }
    std::uint64_t inode_count() const { return inode_count_; }

private:
    explicit Volume(BlockSource& source) : source_(&source) {}
    // Bytes from anywhere within the image, across blocks.
    Result<void> read(std::uint64_t offset, MutableBytes out) const;
    Result<void> read_compact(std::uint64_t offset, InodeRecord& out) const;
    Result<void> read_extended(std::uint64_t offset, InodeRecord& out) const;
    Result<void> locate(std::uint16_t format, std::uint64_t behind, InodeRecord& out) const;

    BlockSource* source_;
    std::uint64_t blocks_ = 0;
    std::uint64_t first_inode_ = 0; // byte
    std::uint64_t root_node_ = 0;
    std::uint64_t inode_count_ = 0;
    Nanoseconds time_{};
};

} // namespace os::erofs
