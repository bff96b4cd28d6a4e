// The pages of one file by their index: a radix tree of 64 ways that is as high as the highest
// index asks for, so that a sparse file costs what it holds.
#pragma once

#include <cstdint>

#include <foundation/result.hpp>
#include <foundation/types.hpp>

namespace os::tmpfs {

struct Page {
    PhysAddr frame;             // 0: none here
    std::uint32_t mappings = 0; // pages of mappings that show this frame
    bool present() const { return frame.value != 0; }
};

class PageTree {
public:
    constexpr PageTree() = default;
    PageTree(const PageTree&) = delete;
    PageTree& operator=(const PageTree&) = delete;
    ~PageTree() { free_nodes(root_, height_); } // the frames are the owner's

    Page* find(std::uint64_t index) const; // null: not present
    // The place for a page that the caller then fills in.
    Result<Page*> place(std::uint64_t index);
    // The first present page from index on; false: none.
    bool next_present(std::uint64_t index, std::uint64_t& found) const;
    // Hands every present page in [first, last) to the action and forgets it.
    template <typename Action>
    void take_range(std::uint64_t first, std::uint64_t last, Action action) {
        std::uint64_t index = 0;
        while (next_present(first, index) && index < last) {
            Page* page = find(index);
            action(index, *page);
            *page = Page{};
            first = index + 1;
        }
        prune();
    }

private:
    static constexpr unsigned k_bits = 6;
    static constexpr std::uint64_t k_ways = 1ULL << k_bits;
    struct Leaf;
    struct Branch;

    static void free_nodes(void* node, unsigned height);
    static bool empty_after_pruning(void* node, unsigned height);
    static bool next_in(void* node, unsigned height, std::uint64_t index, std::uint64_t& found);
    bool covers(std::uint64_t index) const {
        return height_ > 0 && (index >> (k_bits * height_)) == 0;
    }
    void prune();

    void* root_ = nullptr;
    unsigned height_ = 0; // 1: the root is a leaf
};

} // namespace os::tmpfs
