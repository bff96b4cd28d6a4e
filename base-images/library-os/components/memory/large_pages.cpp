// Pages of 2 MiB for anonymous memory whose owner asks for them. They are filled as a whole at the
// first touch; whatever changes a part of one later has the page tables split it.
#include <memory/address_space.hpp>

#include "address_space_state.hpp"
#include "frame_access.hpp"

namespace os::memory {

constinit FillLarge g_fill_large = nullptr;

namespace {

constexpr std::uint64_t k_size = arch::k_large_page_size;

bool fill(const Area& area, std::uint64_t page) {
    const std::uint64_t start = align_down(page, k_size);
    if (start < area.start || area.end < start + k_size ||
        arch::next_page(VirtAddr{start}, VirtAddr{start + k_size}).value != start + k_size)
        return false;
    const Result<PhysAddr> block = allocate_program_block();
    if (!block.ok())
        return false;
    const PhysAddr first = block.value();
    __builtin_memset(frame_bytes(first), 0, k_size);
    const arch::PageFlags flags = page_flags(area, first, Owner::mapping);
    if (arch::map_large_page(VirtAddr{start}, first, flags).ok()) {
        g_space.resident += k_size / k_page_size;
        return true;
    }
    for (std::uint64_t at = 0; at < k_size; at += k_page_size)
        free_program_frame(first + at);
    return false;
}

} // namespace

Result<void> advise_large_pages(VirtAddr address, std::size_t size, LargePages wanted) {
    if (size == 0)
        return {};
    const AddressRange range = UNIK_TRY(program_range(address, size));
    if (!g_space.areas.is_mapped(range))
        return Errno::enomem;
    UNIK_TRY(g_space.areas.split_at_ends(range));
    for (Area* area = g_space.areas.first_from(range.start);
         area != nullptr && area->start < range.end; area = Areas::next(*area))
        area->large_pages = wanted == LargePages::preferred;
    g_space.areas.join(range);
    if (wanted == LargePages::preferred)
        g_fill_large = fill;
    return {};
}

} // namespace os::memory
