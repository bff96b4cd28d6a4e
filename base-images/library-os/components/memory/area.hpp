// Areas: runs of the program's address space that are mapped the same way.
//
// They lie in one tree ordered by address. Each member also knows, of the subtree below it, where
// the first area starts, where the last one ends and the largest gap in between, so that a gap of a
// wanted size is found by walking down once, from the top of the address space.
#pragma once

#include <cstdint>

#include <foundation/own.hpp>
#include <foundation/tree.hpp>
#include <memory/address_space.hpp>

namespace os::memory {

// What an area's pages are filled from.
enum class Backing : std::uint8_t {
    anonymous, // zeroes
    pager,     // Area::pager from Area::offset on
    image,     // the kernel's image; Area::offset is the physical address of the first page
};

struct Area : TreeNode<> {
    std::uint64_t start = 0;
    std::uint64_t end = 0;
    Protection protection = Protection::none;
    Sharing sharing = Sharing::private_copy;
    Backing backing = Backing::anonymous;
    bool grows_down = false;
    bool may_write = true;
    bool large_pages = false; // MADV_HUGEPAGE
    Ref<Pager> pager;
    std::uint64_t offset = 0; // of `start`
    const char* name = nullptr;

    std::uint64_t size() const { return end - start; }
    std::uint64_t offset_at(std::uint64_t address) const {
        return backing == Backing::anonymous ? 0 : offset + (address - start);
    }
    // Becomes a part of what the other one maps; outside the tree.
    void take_after(const Area& other, std::uint64_t new_start, std::uint64_t new_end);
    // Whether `next`, starting where this ends, could be part of it.
    bool continued_by(const Area& next) const;

    // Of the subtree, kept by the tree.
    std::uint64_t first_start = 0;
    std::uint64_t last_end = 0;
    std::uint64_t largest_gap = 0;
};

struct AreaOrder {
    static bool before(const Area& a, const Area& b) { return a.start < b.start; }
};
struct AreaSummary {
    static bool update(Area& area, const Area* left, const Area* right);
};

// A part of the address space.
struct AddressRange {
    std::uint64_t start = 0;
    std::uint64_t end = 0;
};

class Areas {
    using Members = Tree<Area, AreaOrder, AreaSummary>;

public:
    constexpr Areas() = default;
    // No destructor: the kernel's address space lives for ever. For others:
    void clear();

    Area* find(std::uint64_t address) const;       // that holds it
    Area* first_from(std::uint64_t address) const; // the first that ends behind it
    Area* first() const { return tree_.first(); }
    Area* last() const { return tree_.last(); }
    static Area* next(const Area& area) { return Members::next(area); }
    static Area* previous(const Area& area) { return Members::previous(area); }

    bool is_free(AddressRange range) const;
    bool is_mapped(AddressRange range) const; // without a hole
    // The start of the highest gap of this size inside the range; false when there is none.
    bool find_gap(AddressRange inside, std::uint64_t size, std::uint64_t& start) const;

    // Maps a free range as `like` says, by a neighbour that it continues or by an area of its own.
    Result<void> add(const Area& like);
    void insert(Own<Area> area);
    // Cuts areas in two where the range's ends fall inside one, so that whole areas fill it.
    Result<void> split_at_ends(AddressRange range);
    // Removes one; what it was is the caller's.
    Own<Area> remove(Area& area);
    // An area that ends or starts elsewhere now; no neighbour is touched.
    void resize(Area& area, std::uint64_t start, std::uint64_t end);
    // Joins areas that continue each other, from the one before the range to the one behind it.
    void join(AddressRange range);

    std::uint64_t mapped_bytes() const { return mapped_; }
    // Those that there may be, as on Linux (vm.max_map_count).
    static constexpr std::uint64_t k_most = 65530;
    // Memory for one more.
    Result<Own<Area>> new_area() const;
    // Changes whenever an area comes, goes, or changes its range.
    std::uint64_t generation() const { return generation_; }

private:
    Result<void> split(Area& area, std::uint64_t at);

    Members tree_;
    std::uint64_t mapped_ = 0;
    std::uint64_t count_ = 0;
    std::uint64_t generation_ = 0;
    // The area that was found last: most look-ups ask for it again.
    mutable Area* recent_ = nullptr;
};

} // namespace os::memory
