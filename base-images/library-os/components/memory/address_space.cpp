// Mapping, unmapping and changing areas. Pages come and go in fault.cpp.
#include <memory/address_space.hpp>

#include <utility>

#include <control/control.hpp>
#include <memory/frames.hpp>
#include <random/random.hpp>

#include "address_space_state.hpp"
#include "frame_access.hpp"

namespace os::memory {

constinit AddressSpace g_space;

namespace {

constexpr std::uint64_t k_below_4g_end = 0x80000000; // as Linux's MAP_32BIT
constexpr std::uint64_t k_large_page = 2ULL << 20;
constexpr const char* k_heap_name = "[heap]";

Result<void> check_protection(Protection protection) {
    if (g_space.write_execute_allowed || !has(protection, Protection::write | Protection::execute))
        return {};
    static constinit bool said = false;
    if (!said)
        control::warn("write-execute",
                      "refused memory that is writable and executable at once; if the program "
                      "makes code while it runs, allow it in the Unikfile: "
                      "security: {allow: [jit]}");
    said = true;
    return Errno::eacces;
}

void free_tables(AddressRange range) {
    arch::free_empty_tables(VirtAddr{range.start}, VirtAddr{range.end});
}

// Frees the table pages of 2 MiB blocks around the range in which no area is left. Of single blocks
// the one emptied last keeps its tables: what maps and unmaps a little again and again does so in
// one place.
void free_tables_around(AddressRange range) {
    const Area* after = g_space.areas.first_from(range.start);
    const Area* before = after != nullptr ? Areas::previous(*after) : g_space.areas.last();
    std::uint64_t start = align_down(range.start, k_large_page);
    std::uint64_t end = align_up(range.end, k_large_page);
    if (before != nullptr && before->end > start)
        start = align_up(before->end, k_large_page);
    if (after != nullptr && after->start < end)
        end = align_down(after->start, k_large_page);
    if (start < end && end - start > k_large_page)
        free_tables({start, end});
    if (end != start + k_large_page || start == g_space.spare_block)
        return;
    const std::uint64_t spare = g_space.spare_block;
    g_space.spare_block = start;
    if (spare != 0 && g_space.areas.is_free({spare, spare + k_large_page}))
        free_tables({spare, spare + k_large_page});
}

// Takes out what lies inside the range, which does not fall strictly inside the area.
void unmap_part(Area& area, AddressRange range) {
    if (area.start < range.start) {
        const std::uint64_t end = area.end;
        g_space.areas.resize(area, area.start, range.start);
        release_pages(area, {range.start, end});
    } else if (area.end > range.end) {
        const std::uint64_t start = area.start;
        g_space.areas.resize(area, range.end, area.end);
        release_pages(area, {start, range.end});
    } else {
        const Own<Area> gone = g_space.areas.remove(area);
        release_pages(*gone, {gone->start, gone->end});
    }
}

// The range lies in the program's part. Fails, with nothing changed, only for want of memory.
Result<void> unmap_range(AddressRange range) {
    if (g_space.areas.is_free(range))
        return {};
    Area* area = g_space.areas.first_from(range.start);
    if (area->start < range.start && area->end > range.end)
        UNIK_TRY(g_space.areas.split_at_ends({range.end, range.end}));
    for (; area != nullptr && area->start < range.end; area = g_space.areas.first_from(range.start))
        unmap_part(*area, range);
    free_tables_around(range);
    return {};
}

// Where the request goes; a fixed one's range is free afterwards.
Result<std::uint64_t> place(const MapRequest& request, std::uint64_t size) {
    const bool fixed =
        request.placement == Placement::fixed || request.placement == Placement::fixed_no_replace;
    if (fixed) {
        const AddressRange range = UNIK_TRY(program_range(request.address, size));
        if (request.placement == Placement::fixed)
            UNIK_TRY(unmap_range(range));
        else if (!g_space.areas.is_free(range))
            return Errno::eexist;
        return range.start;
    }
    if (request.placement == Placement::hint && request.address.value != 0) {
        const Result<AddressRange> range =
            program_range(VirtAddr{align_down(request.address.value, k_page_size)}, size);
        if (range.ok() && g_space.areas.is_free(range.value()))
            return range.value().start;
    }
    return find_place(size, request.below_4g ? k_below_4g_end : k_map_end);
}

// Rounded up to pages; enomem for what no address space holds.
Result<std::uint64_t> whole_pages(std::size_t size) {
    if (size == 0)
        return Errno::einval;
    if (size > k_map_end)
        return Errno::enomem;
    return align_up(size, k_page_size);
}

void populate(AddressRange range, Protection protection) {
    const Access access = has(protection, Protection::write)     ? Access::write
                          : has(protection, Protection::read)    ? Access::read
                          : has(protection, Protection::execute) ? Access::execute
                                                                 : Access::read;
    for (std::uint64_t page = range.start; page < range.end; page += k_page_size)
        if (resolve_fault(VirtAddr{page}, access) != FaultOutcome::resolved)
            return;
}

// More than there is: such a request is refused at once, as by Linux's default policy. Tables that
// a runtime hardly touches are granted on small machines too: Go's index of arenas has 32 MiB.
bool beyond_all_memory(const MapRequest& request, std::uint64_t size) {
    constexpr std::uint64_t k_always_granted = 64ULL << 20;
    return !request.no_reserve && request.sharing == Sharing::private_copy &&
           has(request.protection, Protection::write) && size > k_always_granted &&
           size / k_page_size > frame_count().total;
}

bool may_write(AddressRange range) {
    for (const Area* area = g_space.areas.first_from(range.start);
         area != nullptr && area->start < range.end; area = Areas::next(*area))
        if (!area->may_write)
            return false;
    return true;
}

AreaInfo info_of(const Area& area) {
    return {.start = VirtAddr{area.start},
            .end = VirtAddr{area.end},
            .protection = area.protection,
            .sharing = area.sharing,
            .offset = area.backing == Backing::pager ? area.offset : 0,
            .name = area.name};
}

} // namespace

Result<std::uint64_t> find_place(std::uint64_t size, std::uint64_t limit) {
    std::uint64_t start = 0;
    const std::uint64_t top = g_space.mapping_top < limit ? g_space.mapping_top : limit;
    if (g_space.areas.find_gap({arch::k_program_bottom, top}, size, start) ||
        g_space.areas.find_gap({arch::k_program_bottom, limit}, size, start))
        return start;
    return Errno::enomem;
}

void initialise_address_space() {
    constexpr std::uint64_t k_random_pages = 1ULL << 28; // as Linux
    std::uint64_t random = 0;
    random::fill({reinterpret_cast<std::uint8_t*>(&random), sizeof random});
    // Above it lies the main stack.
    constexpr std::uint64_t k_stack_room = 32ULL << 30;
    g_space.mapping_top = k_map_end - k_stack_room - (random % k_random_pages) * k_page_size;
}

Result<AddressRange> program_range(VirtAddr address, std::size_t size) {
    const std::uint64_t bytes = UNIK_TRY(whole_pages(size));
    if (address.value % k_page_size != 0)
        return Errno::einval;
    if (address.value < arch::k_program_bottom)
        return Errno::eperm;
    if (address.value > k_map_end || bytes > k_map_end - address.value)
        return Errno::enomem;
    return AddressRange{address.value, address.value + bytes};
}

void set_write_execute(WriteExecute policy) {
    g_space.write_execute_allowed = policy == WriteExecute::allowed;
}

Result<VirtAddr> map(const MapRequest& request) {
    const std::uint64_t size = UNIK_TRY(whole_pages(request.size));
    UNIK_TRY(check_protection(request.protection));
    if (request.offset % k_page_size != 0 || request.offset > UINT64_MAX - size)
        return Errno::einval;
    if (beyond_all_memory(request, size))
        return Errno::enomem;
    Area area;
    area.start = UNIK_TRY(place(request, size));
    area.end = area.start + size;
    area.protection = request.protection;
    area.sharing = request.sharing;
    area.backing = request.pager ? Backing::pager : Backing::anonymous;
    area.grows_down = request.grows_down;
    area.may_write = request.may_write;
    area.pager = request.pager;
    area.offset = request.pager ? request.offset : 0;
    area.name = request.name;
    UNIK_TRY(g_space.areas.add(area));
    if (request.populate)
        populate({area.start, area.end}, request.protection);
    return VirtAddr{area.start};
}

Result<void> map_image(VirtAddr address, const void* data, std::size_t size, Protection protection,
                       const char* name) {
    const std::uint64_t in_page = address.value % k_page_size;
    if (physical_address(data).value % k_page_size != in_page || size > k_map_end)
        return Errno::einval;
    UNIK_TRY(check_protection(protection));
    const AddressRange range =
        UNIK_TRY(program_range(VirtAddr{address.value - in_page}, size + in_page));
    if (!g_space.areas.is_free(range))
        return Errno::eexist;
    Area area;
    area.start = range.start;
    area.end = range.end;
    area.protection = protection;
    area.backing = Backing::image;
    area.offset = physical_address(data).value - in_page;
    area.name = name;
    return g_space.areas.add(area);
}

Result<void> unmap(VirtAddr address, std::size_t size) {
    const AddressRange range = UNIK_TRY(program_range(address, size));
    return unmap_range(range);
}

Result<void> protect(VirtAddr address, std::size_t size, Protection protection) {
    if (size == 0)
        return {};
    const AddressRange range = UNIK_TRY(program_range(address, size));
    if (!g_space.areas.is_mapped(range))
        return Errno::enomem;
    UNIK_TRY(check_protection(protection));
    if (has(protection, Protection::write) && !may_write(range))
        return Errno::eacces;
    UNIK_TRY(g_space.areas.split_at_ends(range));
    for (Area* area = g_space.areas.first_from(range.start);
         area != nullptr && area->start < range.end; area = Areas::next(*area)) {
        if (area->protection == protection)
            continue;
        area->protection = protection;
        for (VirtAddr page = arch::next_page(VirtAddr{area->start}, VirtAddr{area->end});
             page.value < area->end;
             page = arch::next_page(page + k_page_size, VirtAddr{area->end}))
            arch::protect_page(page, page_flags(*area, arch::translate(page)));
    }
    g_space.areas.join(range);
    return {};
}

void initialise_program_break(VirtAddr start) {
    g_space.break_start = g_space.break_end = align_up(start.value, k_page_size);
}

VirtAddr set_program_break(VirtAddr wanted) {
    const VirtAddr unchanged{g_space.break_end};
    if (wanted.value < g_space.break_start || wanted.value > k_map_end)
        return unchanged;
    const std::uint64_t mapped = align_up(g_space.break_end, k_page_size);
    const std::uint64_t needed = align_up(wanted.value, k_page_size);
    if (needed > mapped) {
        const Result<VirtAddr> grown = map({.address = VirtAddr{mapped},
                                            .size = needed - mapped,
                                            .protection = Protection::read | Protection::write,
                                            .placement = Placement::fixed_no_replace,
                                            .name = k_heap_name});
        if (!grown.ok())
            return unchanged;
    } else if (needed < mapped && !unmap_range({needed, mapped}).ok()) {
        return unchanged;
    }
    g_space.break_end = wanted.value;
    return wanted;
}

void for_each_area(void (*visit)(const AreaInfo&, void*), void* argument) {
    for (const Area* area = g_space.areas.first(); area != nullptr; area = Areas::next(*area))
        visit(info_of(*area), argument);
}

bool find_area(VirtAddr address, AreaInfo& out) {
    const Area* area = g_space.areas.find(address.value);
    if (area == nullptr)
        return false;
    out = info_of(*area);
    return true;
}

std::size_t resident_pages() {
    return g_space.resident;
}

std::size_t mapped_bytes() {
    return g_space.areas.mapped_bytes();
}

} // namespace os::memory
