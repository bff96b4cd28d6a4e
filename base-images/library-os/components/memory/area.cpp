#include "area.hpp"

#include <utility>

namespace os::memory {

void Area::take_after(const Area& other, std::uint64_t new_start, std::uint64_t new_end) {
    start = new_start;
    end = new_end;
    protection = other.protection;
    sharing = other.sharing;
    backing = other.backing;
    grows_down = other.grows_down;
    may_write = other.may_write;
    large_pages = other.large_pages;
    pager = other.pager;
    offset = other.offset_at(new_start);
    name = other.name;
}

bool Area::continued_by(const Area& next_area) const {
    return end == next_area.start && protection == next_area.protection &&
           sharing == next_area.sharing && backing == next_area.backing &&
           grows_down == next_area.grows_down && may_write == next_area.may_write &&
           large_pages == next_area.large_pages && pager.get() == next_area.pager.get() &&
           name == next_area.name &&
           (backing == Backing::anonymous || offset_at(end) == next_area.offset);
}

bool AreaSummary::update(Area& area, const Area* left, const Area* right) {
    const std::uint64_t first_start = left != nullptr ? left->first_start : area.start;
    const std::uint64_t last_end = right != nullptr ? right->last_end : area.end;
    std::uint64_t gap = 0;
    const auto consider = [&gap](std::uint64_t candidate) {
        gap = gap < candidate ? candidate : gap;
    };
    if (left != nullptr) {
        consider(left->largest_gap);
        consider(area.start - left->last_end);
    }
    if (right != nullptr) {
        consider(right->largest_gap);
        consider(right->first_start - area.end);
    }
    const bool changed =
        first_start != area.first_start || last_end != area.last_end || gap != area.largest_gap;
    area.first_start = first_start;
    area.last_end = last_end;
    area.largest_gap = gap;
    return changed;
}

namespace {

struct GapSearch {
    std::uint64_t size;
    std::uint64_t start = 0;

    bool take(AddressRange gap) {
        if (gap.end < gap.start || gap.end - gap.start < size)
            return false;
        start = gap.end - size;
        return true;
    }
    // The highest gap inside the range, of which this subtree's areas are taken. As deep as the
    // tree is high.
    bool below(const Area* top, AddressRange inside) {
        if (top == nullptr)
            return take(inside);
        if (inside.end <= inside.start || inside.end - inside.start < size)
            return false;
        const bool possible =
            top->largest_gap >= size ||
            (top->first_start > inside.start && top->first_start - inside.start >= size) ||
            (inside.end > top->last_end && inside.end - top->last_end >= size);
        if (!possible)
            return false;
        const AddressRange above{top->end > inside.start ? top->end : inside.start, inside.end};
        if (below(right_of(*top), above))
            return true;
        const AddressRange under{inside.start, top->start < inside.end ? top->start : inside.end};
        return below(left_of(*top), under);
    }
    static const Area* left_of(const Area& area) {
        return Tree<Area, AreaOrder, AreaSummary>::left(area);
    }
    static const Area* right_of(const Area& area) {
        return Tree<Area, AreaOrder, AreaSummary>::right(area);
    }
};

} // namespace

void Areas::clear() {
    while (Area* area = tree_.first())
        remove(*area);
}

Area* Areas::find(std::uint64_t address) const {
    if (recent_ != nullptr && address - recent_->start < recent_->end - recent_->start)
        return recent_;
    Area* area = first_from(address);
    if (area == nullptr || area->start > address)
        return nullptr;
    recent_ = area;
    return area;
}

Area* Areas::first_from(std::uint64_t address) const {
    return tree_.first_where([address](const Area& area) { return area.end > address; });
}

bool Areas::is_free(AddressRange range) const {
    const Area* area = first_from(range.start);
    return area == nullptr || area->start >= range.end;
}

bool Areas::is_mapped(AddressRange range) const {
    for (const Area* area = find(range.start); area != nullptr && area->start <= range.start;
         area = next(*area)) {
        if (area->end >= range.end)
            return true;
        range.start = area->end;
    }
    return false;
}

bool Areas::find_gap(AddressRange inside, std::uint64_t size, std::uint64_t& start) const {
    GapSearch search{size};
    if (!search.below(tree_.root(), inside))
        return false;
    start = search.start;
    return true;
}

Result<void> Areas::add(const Area& like) {
    Area* after = first_from(like.start);
    Area* before = after != nullptr ? previous(*after) : last();
    const bool continues_before = before != nullptr && before->continued_by(like);
    if (after != nullptr && like.continued_by(*after)) {
        const std::uint64_t start = continues_before ? before->start : like.start;
        if (continues_before)
            remove(*before);
        resize(*after, start, after->end);
        return {};
    }
    if (continues_before) {
        resize(*before, before->start, like.end);
        return {};
    }
    Own<Area> area = UNIK_TRY(new_area());
    area->take_after(like, like.start, like.end);
    insert(std::move(area));
    return {};
}

Result<Own<Area>> Areas::new_area() const {
    if (count_ >= k_most)
        return Errno::enomem;
    return try_make<Area>();
}

void Areas::insert(Own<Area> area) {
    mapped_ += area->size();
    ++count_;
    ++generation_;
    tree_.insert(*area.release());
}

Own<Area> Areas::remove(Area& area) {
    mapped_ -= area.size();
    --count_;
    ++generation_;
    recent_ = nullptr;
    tree_.remove(area);
    return Own<Area>(&area);
}

void Areas::resize(Area& area, std::uint64_t start, std::uint64_t end) {
    mapped_ += (end - start) - area.size();
    ++generation_;
    if (area.backing != Backing::anonymous)
        area.offset += start - area.start;
    area.start = start;
    area.end = end;
    tree_.changed(area);
}

Result<void> Areas::split(Area& area, std::uint64_t at) {
    Own<Area> upper = UNIK_TRY(new_area());
    upper->take_after(area, at, area.end);
    resize(area, area.start, at);
    insert(std::move(upper));
    return {};
}

Result<void> Areas::split_at_ends(AddressRange range) {
    for (const std::uint64_t at : {range.start, range.end})
        if (Area* area = find(at); area != nullptr && area->start < at)
            UNIK_TRY(split(*area, at));
    return {};
}

void Areas::join(AddressRange range) {
    Area* area = first_from(range.start == 0 ? 0 : range.start - 1);
    while (area != nullptr && area->start < range.end) {
        Area* following = next(*area);
        if (following == nullptr || following->start > range.end)
            return;
        if (!area->continued_by(*following)) {
            area = following;
            continue;
        }
        const std::uint64_t end = following->end;
        remove(*following);
        resize(*area, area->start, end);
    }
}

} // namespace os::memory
