#include "contents.hpp"

#include "page_frames.hpp"

namespace os::tmpfs {

namespace {

std::uint64_t page_of(std::uint64_t offset) {
    return offset / k_page_size;
}
std::size_t within_page(std::uint64_t offset) {
    return static_cast<std::size_t>(offset % k_page_size);
}
std::uint64_t pages_for(std::uint64_t size) {
    return (size + k_page_size - 1) / k_page_size;
}
template <typename T>
T smaller(T a, T b) {
    return a < b ? a : b;
}

} // namespace

Result<PhysAddr> Contents::take_frame() {
    if (budget_.used >= budget_.limit)
        return Errno::enospc;
    const Result<PhysAddr> frame = allocate_page();
    if (!frame.ok())
        return Errno::enospc;
    ++budget_.used;
    return frame.value();
}

void Contents::give_frame(PhysAddr frame) {
    free_page(frame);
    --budget_.used;
}

Contents::~Contents() {
    pages_.take_range(0, UINT64_MAX, [this](std::uint64_t, Page& page) { give_frame(page.frame); });
    for (const Orphan& orphan : orphans_)
        give_frame(orphan.frame);
}

std::size_t Contents::read(MutableBytes buffer, std::uint64_t offset) const {
    if (offset >= size_)
        return 0;
    const std::size_t wanted =
        static_cast<std::size_t>(smaller<std::uint64_t>(buffer.size(), size_ - offset));
    for (std::size_t done = 0; done < wanted;) {
        const std::uint64_t at = offset + done;
        const std::size_t count = smaller(wanted - done, k_page_size - within_page(at));
        std::uint8_t* out = buffer.data() + done;
        if (const Page* page = pages_.find(page_of(at))) {
            __builtin_memcpy(out, page_bytes(page->frame) + within_page(at), count);
        } else {
            __builtin_memset(out, 0, count);
        }
        done += count;
    }
    return wanted;
}

Result<Page*> Contents::own_page(std::uint64_t index) {
    if (Page* page = pages_.find(index))
        return page;
    const Result<Page*> place = pages_.place(index);
    if (!place.ok())
        return Errno::enospc;
    const PhysAddr frame = UNIK_TRY(take_frame());
    __builtin_memset(page_bytes(frame), 0, k_page_size);
    *place.value() = Page{frame, 0};
    ++own_pages_;
    return place.value();
}

Result<std::size_t> Contents::write(Bytes buffer, std::uint64_t offset) {
    std::size_t done = 0;
    while (done < buffer.size()) {
        const std::uint64_t at = offset + done;
        const std::size_t count = smaller(buffer.size() - done, k_page_size - within_page(at));
        const Result<Page*> page = own_page(page_of(at));
        if (!page.ok()) {
            if (done > 0)
                break;
            return page.error();
        }
        __builtin_memcpy(page_bytes(page.value()->frame) + within_page(at), buffer.data() + done,
                         count);
        done += count;
        if (at + count > size_)
            size_ = at + count;
    }
    return done;
}

void Contents::drop_pages(std::uint64_t first, std::uint64_t last) {
    pages_.take_range(first, last, [this](std::uint64_t, Page& page) {
        --own_pages_;
        // Without memory to remember the orphan its frame is lost, which beats using it twice.
        if (page.mappings == 0)
            give_frame(page.frame);
        else
            (void)orphans_.push({page.frame, page.mappings});
    });
}

// Both in one page, which is zeroed where the file has its own.
void Contents::zero_within(std::uint64_t start, std::uint64_t end) {
    if (Page* page = pages_.find(page_of(start)))
        __builtin_memset(page_bytes(page->frame) + within_page(start), 0,
                         static_cast<std::size_t>(end - start));
}

Result<void> Contents::resize(std::uint64_t size) {
    if (size < size_) {
        drop_pages(pages_for(size), pages_for(size_));
        if (within_page(size) != 0)
            zero_within(size, align_up(size, k_page_size));
    }
    size_ = size;
    return {};
}

Result<void> Contents::allocate(std::uint64_t offset, std::uint64_t size) {
    for (std::uint64_t index = page_of(offset); index < pages_for(offset + size); ++index)
        UNIK_TRY(own_page(index));
    if (offset + size > size_)
        size_ = offset + size;
    return {};
}

Result<void> Contents::punch_hole(std::uint64_t offset, std::uint64_t size) {
    const std::uint64_t end = smaller(offset + size, align_up(size_, k_page_size));
    if (offset >= end)
        return {};
    const std::uint64_t first_whole = pages_for(smaller(end, offset));
    const std::uint64_t last_whole = page_of(end);
    if (first_whole > last_whole) {
        zero_within(offset, end); // a hole inside one page
        return {};
    }
    if (within_page(offset) != 0)
        zero_within(offset, align_up(offset, k_page_size));
    if (within_page(end) != 0)
        zero_within(align_down(end, k_page_size), end);
    drop_pages(first_whole, last_whole);
    return {};
}

bool Contents::next_data(std::uint64_t offset, std::uint64_t& found) const {
    std::uint64_t index = 0;
    if (!pages_.next_present(page_of(offset), index) || index * k_page_size >= size_)
        return false;
    found = index * k_page_size > offset ? index * k_page_size : offset;
    return true;
}

std::uint64_t Contents::next_hole(std::uint64_t offset) const {
    while (offset < size_ && pages_.find(page_of(offset)) != nullptr)
        offset = (page_of(offset) + 1) * k_page_size;
    return smaller(offset, size_);
}

Result<PhysAddr> Contents::map_page(std::uint64_t offset) {
    if (offset >= size_)
        return Errno::eio;
    Page* page = UNIK_TRY(own_page(page_of(offset)));
    ++page->mappings;
    return page->frame;
}

void Contents::unmap_page(std::uint64_t offset, PhysAddr frame) {
    if (Page* page = pages_.find(page_of(offset)); page != nullptr && page->frame == frame) {
        UNIK_ASSERT(page->mappings > 0);
        --page->mappings;
        return;
    }
    for (std::size_t i = 0; i < orphans_.size(); ++i)
        if (orphans_[i].frame == frame) {
            if (--orphans_[i].mappings == 0) {
                give_frame(frame);
                orphans_.erase(i);
            }
            return;
        }
}

} // namespace os::tmpfs
