// Allocating memory may come back here, to reclaim(), which takes idle pages only: whatever a call
// works on is held.
#include <page-cache/page_cache.hpp>

#include <foundation/own.hpp>
#include <memory/frames.hpp>

namespace os::page_cache {

PageCache::Page* PageCache::find(std::uint64_t index) const {
    Page* page = pages_.first_where([index](const Page& at) { return at.index >= index; });
    return page != nullptr && page->index == index ? page : nullptr;
}

void PageCache::take(Page& page) {
    if (page.holders++ == 0)
        List<Page>::remove(page);
}

void PageCache::drop(Page& page) {
    UNIK_ASSERT(page.holders > 0);
    if (--page.holders > 0)
        return;
    idle_.push_back(page);
    if (page.state != State::ready)
        forget(page);
}

// Of an idle page.
void PageCache::forget(Page& page) {
    List<Page>::remove(page);
    if (page.state == State::ready) // the others have left already
        pages_.remove(page);
    memory::free_frames(page.frame, 0);
    page.~Page();
    heap_free(&page);
    --size_;
}

Result<PageCache::Page*> PageCache::add(std::uint64_t index) {
    while (size_ >= limit_ && !idle_.empty())
        forget(*idle_.front());
    Own<Page> page = UNIK_TRY(try_make<Page>());
    page->index = index;
    page->frame = UNIK_TRY(memory::allocate_frames(0));
    page->holders = 1;
    pages_.insert(*page);
    ++size_;
    return page.release();
}

void PageCache::finish(Page& page, State state) {
    page.state = state;
    if (state != State::ready)
        pages_.remove(page);
    if (!read_.empty())
        read_.wake_all();
}

Result<PhysAddr> PageCache::read(std::uint64_t index, std::uint64_t ahead) {
    PhysAddr frames[k_most_ahead + 1];
    Page* const page = UNIK_TRY(add(index));
    frames[0] = page->frame;
    std::size_t count = 1;
    const std::uint64_t behind = page_count_ - index - 1;
    ahead = ahead < behind ? ahead : behind;
    for (; count <= ahead && count <= k_most_ahead; ++count) {
        if (find(index + count) != nullptr)
            break;
        const Result<Page*> further = add(index + count);
        if (!further.ok())
            break; // no memory for what nobody has asked for yet
        frames[count] = further.value()->frame;
    }
    const Result<std::size_t> got = source_.read(index, {frames, count});
    const std::size_t good = got.ok() ? got.value() : 0;
    for (std::size_t i = 1; i < count; ++i) {
        Page& further = *find(index + i);
        finish(further, i < good ? State::ready : State::unread);
        drop(further);
    }
    if (good > 0) {
        finish(*page, State::ready);
        return page->frame;
    }
    page->error = got.ok() ? Errno::eio : got.error();
    finish(*page, State::failed);
    drop(*page);
    return got.ok() ? Errno::eio : got.error();
}

Result<PhysAddr> PageCache::hold(std::uint64_t index, std::uint64_t ahead) {
    for (;;) {
        Page* page = find(index);
        if (page == nullptr)
            return read(index, ahead);
        take(*page);
        while (page->state == State::reading)
            read_.wait(k_forever, threads::Interruptible::no);
        if (page->state == State::ready)
            return page->frame;
        const State state = page->state;
        const Errno error = page->error;
        drop(*page);
        if (state == State::failed)
            return error;
    }
}

void PageCache::release(std::uint64_t index) {
    Page* page = find(index);
    UNIK_ASSERT(page != nullptr);
    drop(*page);
}

std::size_t PageCache::reclaim(std::size_t frames) {
    std::size_t freed = 0;
    for (; freed < frames && !idle_.empty(); ++freed)
        forget(*idle_.front());
    return freed;
}

} // namespace os::page_cache
