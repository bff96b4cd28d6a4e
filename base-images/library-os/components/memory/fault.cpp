// Demand paging: what a page fault means, and how pages are filled and given back.
#include <memory/address_space.hpp>

#include <utility>

#include "address_space_state.hpp"
#include "frame_access.hpp"
#include "with_reclaim.hpp"

namespace os::memory {
namespace {

// Pages of the image around a fault that are mapped with it: they cost nothing but the entry.
constexpr std::uint64_t k_around = 16 * k_page_size;

// On x86 whatever is mapped at all can be read.
bool allows(const Area& area, Access access) {
    switch (access) {
    case Access::read: return area.protection != Protection::none;
    case Access::write: return has(area.protection, Protection::write);
    case Access::execute: return has(area.protection, Protection::execute);
    }
    return false;
}

PhysAddr image_frame(const Area& area, std::uint64_t page) {
    return PhysAddr{area.offset_at(page)};
}

FaultOutcome outcome_of(Errno error) {
    return error == Errno::enomem ? FaultOutcome::out_of_memory : FaultOutcome::pager_failed;
}

// Over the page that is there, if one is.
Result<void> show(const Area& area, std::uint64_t page, PhysAddr frame, Owner owner) {
    const arch::Translation before = arch::translate(VirtAddr{page});
    UNIK_TRY(arch::map_page(VirtAddr{page}, frame, page_flags(area, frame, owner)));
    if (!before.present && !before.held)
        ++g_space.resident;
    return {};
}

// Gives the frame of one page back to where it came from.
void release_frame(const Area& area, std::uint64_t page, const arch::Translation& there) {
    if (!there.lent)
        free_program_frame(there.frame);
    else if (area.backing == Backing::pager)
        area.pager->release_page(area.offset_at(page), there.frame);
}

FaultOutcome fill_anonymous(const Area& area, std::uint64_t page) {
    if (area.large_pages && g_fill_large(area, page))
        return FaultOutcome::resolved;
    const Result<PhysAddr> frame = allocate_program_frame();
    if (!frame.ok())
        return FaultOutcome::out_of_memory;
    __builtin_memset(frame_bytes(frame.value()), 0, k_page_size);
    if (show(area, page, frame.value(), Owner::mapping).ok())
        return FaultOutcome::resolved;
    free_program_frame(frame.value());
    return FaultOutcome::out_of_memory;
}

// Maps the image's own pages around the one that is wanted.
FaultOutcome fill_from_image(const Area& area, std::uint64_t page) {
    const std::uint64_t block = align_down(page, k_around);
    const std::uint64_t first = block > area.start ? block : area.start;
    const std::uint64_t end = block + k_around < area.end ? block + k_around : area.end;
    for (std::uint64_t at = first; at < end; at += k_page_size) {
        const arch::Translation there = arch::translate(VirtAddr{at});
        if (there.present || there.held)
            continue;
        if (!show(area, at, image_frame(area, at), Owner::lender).ok() && at == page)
            return FaultOutcome::out_of_memory;
    }
    return FaultOutcome::resolved;
}

// The first write to a page of somebody else's: a copy takes its place. `lent` stays its owner's
// to be given back.
FaultOutcome show_copy(const Area& area, std::uint64_t page, PhysAddr lent) {
    const Result<PhysAddr> copy = allocate_program_frame();
    if (!copy.ok())
        return FaultOutcome::out_of_memory;
    __builtin_memcpy(frame_bytes(copy.value()), frame_bytes(lent), k_page_size);
    if (show(area, page, copy.value(), Owner::mapping).ok())
        return FaultOutcome::resolved;
    free_program_frame(copy.value());
    return FaultOutcome::out_of_memory;
}

FaultOutcome copy_lent_page(const Area& area, std::uint64_t page, const arch::Translation& there) {
    const FaultOutcome outcome = show_copy(area, page, there.frame);
    if (outcome == FaultOutcome::resolved)
        release_frame(area, page, there);
    return outcome;
}

// What the pager gave for this access goes into the page tables, or back.
FaultOutcome show_from_pager(const Area& area, std::uint64_t page, PhysAddr frame, Access access) {
    const bool copied = area.sharing == Sharing::private_copy && access == Access::write;
    FaultOutcome outcome = FaultOutcome::out_of_memory;
    if (copied)
        outcome = show_copy(area, page, frame);
    else if (show(area, page, frame, Owner::lender).ok())
        return FaultOutcome::resolved;
    area.pager->release_page(area.offset_at(page), frame);
    return outcome;
}

// The pager may block: afterwards the area may be another, or somebody may have filled the page.
FaultOutcome fill_from_pager(const Area& area, std::uint64_t page, Access access) {
    const Ref<Pager> pager = area.pager;
    const std::uint64_t offset = area.offset_at(page);
    const std::uint64_t generation = g_space.areas.generation();
    const Result<PhysAddr> frame = pager->shared_page(offset);
    if (!frame.ok())
        return outcome_of(frame.error());

    const Area* now = generation == g_space.areas.generation() ? &area : g_space.areas.find(page);
    const bool same =
        now != nullptr && now->pager.get() == pager.get() && now->offset_at(page) == offset;
    const arch::Translation there = arch::translate(VirtAddr{page});
    if (same && allows(*now, access) && !there.present && !there.held)
        return show_from_pager(*now, page, frame.value(), access);
    pager->release_page(offset, frame.value());
    // What is not wanted any more is no failure: the access is made again and meets what is there.
    return FaultOutcome::resolved;
}

FaultOutcome fill(const Area& area, std::uint64_t page, Access access) {
    switch (area.backing) {
    case Backing::anonymous: return fill_anonymous(area, page);
    case Backing::pager: return fill_from_pager(area, page, access);
    case Backing::image:
        return access == Access::write && is_read_only_image(image_frame(area, page))
                   ? show_copy(area, page, image_frame(area, page))
                   : fill_from_image(area, page);
    }
    return FaultOutcome::unmapped;
}

// Has the pages of a pager's area there before the kernel reads them: what the pager refuses fails
// the call before it has done anything.
Result<void> fetch(AddressRange range) {
    for (std::uint64_t page = align_down(range.start, k_page_size); page < range.end;
         page += k_page_size)
        if (!arch::translate(VirtAddr{page}).present &&
            resolve_fault(VirtAddr{page}, Access::read) != FaultOutcome::resolved)
            return Errno::efault;
    return {};
}

} // namespace

arch::PageFlags page_flags(const Area& area, PhysAddr frame, Owner owner) {
    const bool lent = owner == Owner::lender;
    const bool is_ours = !lent || area.sharing == Sharing::shared ||
                         (area.backing == Backing::image && !is_read_only_image(frame));
    return {.present = area.protection != Protection::none,
            .writable = is_ours && has(area.protection, Protection::write),
            .executable = has(area.protection, Protection::execute),
            .lent = lent};
}

void release_pages(const Area& area, AddressRange range, Copies copies) {
    const VirtAddr end{range.end};
    for (VirtAddr page = arch::next_page(VirtAddr{range.start}, end); page < end;
         page = arch::next_page(page + k_page_size, end)) {
        if (copies == Copies::kept && !arch::translate(page).lent)
            continue;
        const arch::Translation there = arch::unmap_page(page);
        --g_space.resident;
        release_frame(area, page.value, there);
    }
}

unsigned release_lent(const Area& area, AddressRange range, unsigned most) {
    const VirtAddr end{range.end};
    unsigned released = 0;
    VirtAddr page = arch::next_page(VirtAddr{range.start}, end);
    for (; page < end && released < most; page = arch::next_page(page + k_page_size, end)) {
        if (!arch::translate(page).lent)
            continue;
        release_frame(area, page.value, arch::unmap_page(page));
        --g_space.resident;
        ++released;
    }
    g_space.lent_pages_seen = page.value;
    return released;
}

namespace {

// As on Linux: no further than a stack may grow, and not close to what lies below.
bool grow_down_to(std::uint64_t address) {
    constexpr std::uint64_t k_most = 8ULL << 20;
    constexpr std::uint64_t k_guard = 256 * k_page_size;
    Area* area = g_space.areas.first_from(address);
    if (area == nullptr || !area->grows_down)
        return false;
    const std::uint64_t start = align_down(address, k_page_size);
    const Area* below = Areas::previous(*area);
    if (start < arch::k_program_bottom || area->end - start > k_most ||
        (below != nullptr && below->protection != Protection::none && start - below->end < k_guard))
        return false;
    g_space.areas.resize(*area, start, area->end);
    return true;
}

FaultOutcome resolve_once(VirtAddr address, Access access) {
    const Area* area = g_space.areas.find(address.value);
    if (area == nullptr && grow_down_to(address.value))
        area = g_space.areas.find(address.value);
    if (area == nullptr)
        return FaultOutcome::unmapped;
    if (!allows(*area, access))
        return FaultOutcome::forbidden;
    const std::uint64_t page = align_down(address.value, k_page_size);
    const arch::Translation there = arch::translate(VirtAddr{page});
    if (!there.present && !there.held)
        return fill(*area, page, access);
    const arch::PageFlags flags = page_flags(*area, there);
    if (access == Access::write && !flags.writable)
        return copy_lent_page(*area, page, there);
    // The page is there with other rights than the area's now.
    arch::protect_page(VirtAddr{page}, flags);
    return FaultOutcome::resolved;
}

} // namespace

FaultOutcome resolve_fault(VirtAddr address, Access access) {
    FaultOutcome outcome = resolve_once(address, access);
    while (outcome == FaultOutcome::out_of_memory && reclaim_from_mappings())
        outcome = resolve_once(address, access);
    return outcome;
}

Result<void> check_program_range(VirtAddr address, std::size_t size, Access access) {
    if (size == 0)
        return {};
    if (address.value > arch::k_program_top || size > arch::k_program_top - address.value)
        return Errno::efault;
    const std::uint64_t end = address.value + size;
    for (std::uint64_t at = address.value; at < end;) {
        const Area* area = g_space.areas.find(at);
        if (area == nullptr || !allows(*area, access))
            return Errno::efault;
        const std::uint64_t part_end = area->end < end ? area->end : end;
        if (area->backing == Backing::pager && access == Access::read)
            UNIK_TRY(fetch({at, part_end}));
        at = part_end;
    }
    return {};
}

Result<StringView> program_string(std::uint64_t address, std::size_t limit) {
    const auto* text = reinterpret_cast<const char*>(address);
    std::size_t length = 0;
    while (length <= limit) {
        const Area* area = g_space.areas.find(address + length);
        if (area == nullptr || !allows(*area, Access::read))
            return Errno::efault;
        // A read may fault and, in a pager, block: the end is taken before.
        const std::uint64_t end = area->end;
        while (length <= limit && address + length < end) {
            if (text[length] == '\0')
                return StringView(text, length);
            ++length;
        }
    }
    return Errno::enametoolong;
}

} // namespace os::memory
