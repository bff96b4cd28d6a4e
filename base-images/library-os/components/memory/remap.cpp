// mremap(2): an area that shrinks, grows where it is, or moves with its pages.
#include <memory/address_space.hpp>

#include <utility>

#include "address_space_state.hpp"

namespace os::memory {
namespace {

// The pages of [to, end) return to `from`, whose tables are still there.
void move_back(const Area& area, std::uint64_t from, std::uint64_t to, std::uint64_t end) {
    for (VirtAddr page = arch::next_page(VirtAddr{to}, VirtAddr{end}); page.value < end;
         page = arch::next_page(page + k_page_size, VirtAddr{end})) {
        const arch::Translation moved = arch::unmap_page(page);
        const Result<void> mapped =
            arch::map_page(VirtAddr{page.value - to + from}, moved.frame, page_flags(area, moved));
        UNIK_ASSERT(mapped.ok());
    }
}

// Moves the pages of [from, from + size) to `to`, which has none. When a table cannot be had, all
// go back.
Result<void> move_pages(const Area& area, std::uint64_t from, std::uint64_t to,
                        std::uint64_t size) {
    const VirtAddr end{from + size};
    for (VirtAddr page = arch::next_page(VirtAddr{from}, end); page < end;
         page = arch::next_page(page + k_page_size, end)) {
        const arch::Translation moved = arch::translate(page);
        const VirtAddr target{page.value - from + to};
        const Result<void> mapped = arch::map_page(target, moved.frame, page_flags(area, moved));
        if (mapped.ok()) {
            arch::unmap_page(page);
            continue;
        }
        move_back(area, from, to, target.value);
        return mapped.error();
    }
    return {};
}

Result<std::uint64_t> destination(std::uint64_t size, VirtAddr fixed, AddressRange old) {
    if (fixed.value == 0)
        return find_place(size, k_map_end);
    const AddressRange range = UNIK_TRY(program_range(fixed, size));
    if (range.start < old.end && old.start < range.end)
        return Errno::einval;
    UNIK_TRY(unmap(fixed, size));
    return range.start;
}

// Moves the old range, all of one area, and lets it be `size` bytes long.
Result<VirtAddr> move(AddressRange old, std::uint64_t size, VirtAddr fixed) {
    Own<Area> moved = UNIK_TRY(try_make<Area>());
    const std::uint64_t start = UNIK_TRY(destination(size, fixed, old));
    UNIK_TRY(g_space.areas.split_at_ends(old));
    Area& area = *g_space.areas.find(old.start);
    const std::uint64_t kept = old.end - old.start < size ? old.end - old.start : size;
    UNIK_TRY(move_pages(area, old.start, start, kept));
    moved->take_after(area, area.start, area.end);
    moved->start = start;
    moved->end = start + size;
    g_space.areas.insert(std::move(moved));
    UNIK_TRY(unmap(VirtAddr{old.start}, old.end - old.start));
    g_space.areas.join({start, start + size});
    return VirtAddr{start};
}

} // namespace

Result<VirtAddr> remap(VirtAddr old_address, std::size_t old_size, std::size_t new_size,
                       bool may_move, VirtAddr fixed_address) {
    const AddressRange old = UNIK_TRY(program_range(old_address, old_size));
    const AddressRange wanted = UNIK_TRY(program_range(old_address, new_size));
    const std::uint64_t size = wanted.end - wanted.start;
    Area* area = g_space.areas.find(old.start);
    if (area == nullptr || area->end < old.end)
        return Errno::efault;
    if (fixed_address.value != 0)
        return may_move ? move(old, size, fixed_address) : Errno::einval;
    if (wanted.end <= old.end) {
        if (wanted.end < old.end)
            UNIK_TRY(unmap(VirtAddr{wanted.end}, old.end - wanted.end));
        return old_address;
    }
    // What the image holds has an end; only the pager or nothing goes on behind it.
    if (area->backing == Backing::image)
        return Errno::einval;
    if (area->end == old.end && g_space.areas.is_free({old.end, wanted.end})) {
        g_space.areas.resize(*area, area->start, wanted.end);
        g_space.areas.join({area->start, wanted.end});
        return old_address;
    }
    return may_move ? move(old, size, VirtAddr{}) : Errno::enomem;
}

} // namespace os::memory
