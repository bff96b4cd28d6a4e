// Pages that are dropped while their mappings stay.
#include <memory/address_space.hpp>

#include "address_space_state.hpp"

namespace os::memory {

namespace {

bool accepts(const Area& area, Discard what) {
    const bool anonymous = area.backing == Backing::anonymous;
    switch (what) {
    case Discard::pages: return true;
    case Discard::anonymous: return anonymous && area.sharing == Sharing::private_copy;
    case Discard::contents: return anonymous && area.sharing == Sharing::shared;
    }
    return false;
}

// What all see stays: nobody else keeps the pages of shared anonymous memory.
bool keeps_its_pages(const Area& area, Discard what) {
    return what == Discard::pages && area.backing == Backing::anonymous &&
           area.sharing == Sharing::shared;
}

AddressRange overlap(const Area& area, AddressRange range) {
    return {area.start > range.start ? area.start : range.start,
            area.end < range.end ? area.end : range.end};
}

// The part of the area that shows this part of its pager's object; empty when there is none.
AddressRange part_showing(const Area& area, std::uint64_t start, std::uint64_t end) {
    const std::uint64_t last = area.offset + area.size();
    const std::uint64_t from = start > area.offset ? start : area.offset;
    const std::uint64_t to = end < last ? end : last;
    if (from >= to)
        return {};
    return {area.start + (from - area.offset), area.start + (to - area.offset)};
}

} // namespace

Result<void> discard(VirtAddr address, std::size_t size, Discard what) {
    if (size == 0)
        return {};
    const AddressRange range = UNIK_TRY(program_range(address, size));
    std::uint64_t mapped_to = range.start;
    bool whole = true;
    for (Area* area = g_space.areas.first_from(range.start);
         area != nullptr && area->start < range.end; area = Areas::next(*area)) {
        const AddressRange part = overlap(*area, range);
        if (!accepts(*area, what))
            return Errno::einval;
        if (!keeps_its_pages(*area, what))
            release_pages(*area, part);
        whole = whole && part.start == mapped_to;
        mapped_to = part.end;
    }
    return whole && mapped_to == range.end ? Result<void>() : Errno::enomem;
}

void forget_pages(const void* object, std::uint64_t start, std::uint64_t end, Copies copies) {
    for (Area* area = g_space.areas.first(); area != nullptr; area = Areas::next(*area)) {
        if (area->backing != Backing::pager || area->pager->object() != object)
            continue;
        const AddressRange part = part_showing(*area, start, end);
        if (part.start < part.end)
            release_pages(*area, part, copies);
    }
}

// From where the last call ended, once around.
bool release_lent_pages() {
    constexpr unsigned k_most = 64;
    unsigned released = 0;
    const std::uint64_t stop = g_space.lent_pages_seen;
    const auto release_in = [&released](std::uint64_t from, std::uint64_t to) {
        for (Area* area = g_space.areas.first_from(from);
             area != nullptr && area->start < to && released < k_most; area = Areas::next(*area)) {
            if (area->backing != Backing::pager)
                continue;
            released += release_lent(*area, overlap(*area, {from, to}), k_most - released);
        }
    };
    release_in(stop, k_map_end);
    if (released < k_most)
        release_in(0, stop);
    return released != 0;
}

} // namespace os::memory
