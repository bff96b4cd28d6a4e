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

// The same pages once more; only a pager can show them twice.
Result<VirtAddr> duplicate(const Area& area, const RemapRequest& request) {
    if (area.sharing != Sharing::shared || area.backing != Backing::pager ||
        request.moving == Moving::refused)
        return Errno::einval;
    return map({.address = request.target,
                .size = request.new_size,
                .protection = area.protection,
                .sharing = Sharing::shared,
                .placement = request.target.value != 0 ? Placement::fixed : Placement::anywhere,
                .pager = area.pager,
                .offset = area.offset_at(request.address.value),
                .name = area.name,
                .may_write = area.may_write});
}

// Moves the old range, all of one area, and lets it be `size` bytes long.
Result<VirtAddr> move(AddressRange old, std::uint64_t size, const RemapRequest& request) {
    Own<Area> moved = UNIK_TRY(g_space.areas.new_area());
    const std::uint64_t start = UNIK_TRY(destination(size, request.target, old));
    UNIK_TRY(g_space.areas.split_at_ends(old));
    Area& area = *g_space.areas.find(old.start);
    const std::uint64_t kept = old.end - old.start < size ? old.end - old.start : size;
    UNIK_TRY(move_pages(area, old.start, start, kept));
    moved->take_after(area, area.start, area.end);
    moved->start = start;
    moved->end = start + size;
    g_space.areas.insert(std::move(moved));
    if (!request.keeps_old)
        UNIK_TRY(unmap(VirtAddr{old.start}, old.end - old.start));
    g_space.areas.join({start, start + size});
    return VirtAddr{start};
}

Result<VirtAddr> grow(Area& area, AddressRange old, std::uint64_t end) {
    // What the image holds has an end; only the pager or nothing goes on behind it.
    if (area.backing == Backing::image)
        return Errno::einval;
    if (area.end != old.end || !g_space.areas.is_free({old.end, end}))
        return Errno::enomem;
    const std::uint64_t start = area.start;
    g_space.areas.resize(area, start, end);
    g_space.areas.join({start, end});
    return VirtAddr{old.start};
}

} // namespace

Result<VirtAddr> remap(const RemapRequest& request) {
    const std::uint64_t at = request.address.value;
    const AddressRange wanted = UNIK_TRY(program_range(request.address, request.new_size));
    Area* area = g_space.areas.find(at);
    if (area == nullptr)
        return Errno::efault;
    if (request.size == 0)
        return duplicate(*area, request);
    const AddressRange old = UNIK_TRY(program_range(request.address, request.size));
    const std::uint64_t size = wanted.end - wanted.start;
    if (area->end < old.end)
        return Errno::efault;
    if (request.target.value != 0 || request.keeps_old)
        return request.moving == Moving::allowed ? move(old, size, request) : Errno::einval;
    if (wanted.end <= old.end) {
        if (wanted.end < old.end)
            UNIK_TRY(unmap(VirtAddr{wanted.end}, old.end - wanted.end));
        return request.address;
    }
    const Result<VirtAddr> grown = grow(*area, old, wanted.end);
    if (grown.ok() || grown.error() != Errno::enomem || request.moving == Moving::refused)
        return grown;
    return move(old, size, request);
}

} // namespace os::memory
