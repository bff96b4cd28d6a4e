// The frame allocator's logic: a binary buddy system (Knuth, The Art of Computer Programming,
// volume 1, 2.5).
//
// Free memory is blocks of 2^order frames, each aligned to its size, in one list per order. A small
// block's list node lies in the block itself; those of blocks of 2 MiB and more lie in a table,
// because a first touch there is dear where the host backs memory by such pages. Beside them there
// is one byte a frame:
//
//     free head   0x80 | order    the first frame of a free block
//     used head   0x40 | order    the first frame of a block that was handed out
//     + 0x20                      a used block that the next one continues: a run (see below)
//     parked      0x20            a single frame in a FrameCache
//     0                           any other frame
//
// A block that comes back looks at its buddy's byte and merges while the buddy is a free head of
// the same order. Setting up costs the zeroing of those bytes and one visit per largest block;
// frames that nobody uses are never touched.
//
// Runs: a number of frames that is no power of two is a block cut to size; the rest goes back at
// once. The remaining sub-blocks are chained by the 0x20 bit, so that the first frame's number is
// all it takes to free them.
#pragma once

#include <cstddef>
#include <cstdint>

#include <foundation/list.hpp>
#include <foundation/result.hpp>

#include "regions.hpp"

namespace os::memory {

class Buddy {
public:
    static constexpr unsigned k_orders = 19; // blocks of up to 1 GiB
    static constexpr unsigned k_most_zones = 16;

    // Where frame 0 would lie in the address space.
    void set_base(void* base) { base_ = static_cast<std::uint8_t*>(base); }

    // Contiguous memory that may be released to this allocator later. `tables` is table_size(range)
    // zeroed bytes, 8-byte aligned. Precondition: there are fewer than k_most_zones.
    void add_zone(FrameRange range, std::uint8_t* tables);
    static std::uint64_t table_size(FrameRange range);
    // Hands frames of a zone over; they are free from then on.
    void release(FrameRange range);

    Result<std::uint64_t> allocate(unsigned order); // enomem
    // All of it below frame `limit`. Looks through the free blocks: not for every day.
    Result<std::uint64_t> allocate_below(std::uint64_t limit, unsigned order);
    void free(std::uint64_t frame, unsigned order);
    Result<std::uint64_t> allocate_run(std::uint64_t count);
    void free_run(std::uint64_t frame);
    // Frames in the run that starts here.
    std::uint64_t run_length(std::uint64_t frame);

    // Of a used block of 2^order frames: each becomes a used block of its own.
    void separate(std::uint64_t frame, unsigned order);
    // A used single frame leaves use, without becoming free, and comes back into it.
    void park(std::uint64_t frame);
    void unpark(std::uint64_t frame);

    std::uint64_t total() const { return total_; }
    std::uint64_t free_count() const { return free_; }

private:
    struct Block : ListNode<> {
        std::uint64_t frame = 0;
    };
    struct Zone {
        FrameRange range;
        std::uint8_t* states = nullptr;
        Block* large_blocks = nullptr; // one for each 2 MiB that the range touches
    };
    static constexpr unsigned k_large_order = 9;

    const Zone* zone_of(std::uint64_t frame) const;
    std::uint8_t* state(std::uint64_t frame);
    Block* block(std::uint64_t frame, unsigned order);
    void put(std::uint64_t frame, unsigned order);
    void take(std::uint64_t frame, unsigned order);
    void insert(std::uint64_t frame, unsigned order);
    // Of the free block of order `found`, the start of order `order` becomes used.
    std::uint64_t split(std::uint64_t frame, unsigned found, unsigned order);

    std::uint8_t* base_ = nullptr;
    Zone zones_[k_most_zones];
    unsigned zone_count_ = 0;
    List<Block> lists_[k_orders];
    std::uint32_t filled_ = 0; // bit n: lists_[n] is not empty
    std::uint64_t total_ = 0;
    std::uint64_t free_ = 0;
};

} // namespace os::memory
