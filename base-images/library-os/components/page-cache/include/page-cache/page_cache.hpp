// Pages that were read from something slow, kept in memory for everyone who wants them again.
//
// A page is held, by a call that copies from it or by mappings that show it, or idle. Idle ones
// are given back when memory runs short or the cache is at its limit, those first that were not
// held for longest; their contents can be read again, since nobody changes them. While a page is
// being read all who want it wait for that one reading.
#pragma once

#include <cstdint>

#include <foundation/list.hpp>
#include <foundation/result.hpp>
#include <foundation/span.hpp>
#include <foundation/tree.hpp>
#include <foundation/types.hpp>
#include <memory/reclaim.hpp>
#include <threads/wait_queue.hpp>

namespace os::page_cache {

class PageSource {
public:
    virtual ~PageSource() = default;
    // Fills the frames with the pages from `first` on; says how many it has filled, at least one.
    // The error is that of the first page. May block.
    virtual Result<std::size_t> read(std::uint64_t first, Span<const PhysAddr> frames) = 0;
};

class PageCache final : public memory::Reclaimer {
public:
    // Of one reading.
    static constexpr std::size_t k_most_ahead = 15;

    // Lives for ever, as the source does. `limit`: how many pages it may keep, held ones apart.
    PageCache(PageSource& source, std::uint64_t page_count, std::uint64_t limit)
        : source_(source), page_count_(page_count), limit_(limit) {}

    // The frame with this page, which stays as it is until release(). Of so many pages behind it,
    // those that are missing are read with it. May block. Precondition: index < page_count.
    Result<PhysAddr> hold(std::uint64_t index, std::uint64_t ahead = 0);
    void release(std::uint64_t index);

    std::size_t reclaim(std::size_t frames) override;

    std::uint64_t size() const { return size_; } // pages that are in memory

private:
    // The last two have left the tree: failed with an error of its own, or not read because of
    // another's.
    enum class State : std::uint8_t { reading, ready, failed, unread };
    struct Page : TreeNode<>, ListNode<> {
        std::uint64_t index = 0;
        PhysAddr frame;
        std::uint32_t holders = 0; // in idle_ when there are none
        State state = State::reading;
        Errno error{};
    };
    struct ByIndex {
        static bool before(const Page& a, const Page& b) { return a.index < b.index; }
    };

    Page* find(std::uint64_t index) const;
    Result<Page*> add(std::uint64_t index);
    // Reads a page that is not there, and holds it.
    Result<PhysAddr> read(std::uint64_t index, std::uint64_t ahead);
    // Of a page that was being read, by who read it.
    void finish(Page& page, State state);
    void take(Page& page);
    void drop(Page& page);
    void forget(Page& page);

    PageSource& source_;
    std::uint64_t page_count_;
    std::uint64_t limit_;
    std::uint64_t size_ = 0;
    Tree<Page, ByIndex> pages_;
    List<Page> idle_; // the one that was held last at the back
    threads::WaitQueue read_;
};

} // namespace os::page_cache
