#include "regions.hpp"

#include <foundation/types.hpp>

namespace os::memory {

void FrameRanges::insert_at(unsigned index, FrameRange range) {
    if (count_ == k_most)
        return;
    for (unsigned i = count_; i > index; --i)
        ranges_[i] = ranges_[i - 1];
    ranges_[index] = range;
    ++count_;
}

void FrameRanges::erase_at(unsigned index) {
    for (unsigned i = index; i + 1 < count_; ++i)
        ranges_[i] = ranges_[i + 1];
    --count_;
}

void FrameRanges::add(FrameRange range) {
    if (range.empty())
        return;
    unsigned index = 0;
    while (index < count_ && ranges_[index].end < range.first)
        ++index;
    while (index < count_ && ranges_[index].first <= range.end) {
        if (ranges_[index].first < range.first)
            range.first = ranges_[index].first;
        if (ranges_[index].end > range.end)
            range.end = ranges_[index].end;
        erase_at(index);
    }
    insert_at(index, range);
}

void FrameRanges::remove(FrameRange range) {
    if (range.empty())
        return;
    for (unsigned index = 0; index < count_;) {
        const FrameRange old = ranges_[index];
        if (old.end <= range.first || old.first >= range.end) {
            ++index;
            continue;
        }
        erase_at(index);
        if (old.first < range.first)
            insert_at(index++, {old.first, range.first});
        if (old.end > range.end)
            insert_at(index++, {range.end, old.end});
    }
}

void FrameRanges::keep_largest(unsigned count) {
    while (count_ > count) {
        unsigned smallest = 0;
        for (unsigned i = 1; i < count_; ++i)
            if (ranges_[i].count() < ranges_[smallest].count())
                smallest = i;
        erase_at(smallest);
    }
}

void collect_usable(Span<const arch::MemoryRegion> regions, std::uint64_t limit, FrameRanges& out) {
    constexpr std::uint64_t k_low_frames = 16;
    constexpr FrameRange k_adapters{0xa0000 / k_page_size, 0x100000 / k_page_size};
    using Kind = arch::MemoryRegion::Kind;
    const auto end_of = [](const arch::MemoryRegion& region) {
        const std::uint64_t end = region.start.value + region.size;
        return end < region.start.value ? UINT64_MAX : end;
    };
    for (const arch::MemoryRegion& region : regions)
        if (region.kind == Kind::usable && region.start.value <= UINT64_MAX - k_page_size)
            out.add({align_up(region.start.value, k_page_size) / k_page_size,
                     end_of(region) / k_page_size});
    for (const arch::MemoryRegion& region : regions)
        if (region.kind != Kind::usable && region.size != 0)
            out.remove({region.start.value / k_page_size, (end_of(region) - 1) / k_page_size + 1});
    out.remove({0, k_low_frames});
    out.remove(k_adapters);
    out.remove({limit, UINT64_MAX});
}

} // namespace os::memory
