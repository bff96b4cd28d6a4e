// Physical memory at work: setting up the allocator, and the heap on top of it.
//
// Locks: the heap's (rank heap) is taken outside the allocator's (rank frames); nothing else is
// taken inside either, and neither is taken in interrupt context. Caches are asked to give frames
// back with none of them held, because what they free goes through both.
#include <memory/frames.hpp>

#include <arch/boot_info.hpp>
#include <arch/paging.hpp>
#include <foundation/heap.hpp>
#include <foundation/lock.hpp>

#include "address_space_state.hpp"
#include "buddy.hpp"
#include "frame_access.hpp"
#include "frame_cache.hpp"
#include "heap.hpp"
#include "kernel_map.hpp"
#include "regions.hpp"
#include "with_reclaim.hpp"

extern "C" {
extern std::uint8_t unik_kernel_start[], unik_kernel_end[];
}

namespace os::memory {
namespace {

// What the boot code has mapped.
constexpr std::uint64_t k_early_frames = (1ULL << 30) / k_page_size;
// The physical map's room.
constexpr std::uint64_t k_most_frames = (arch::k_kernel_areas - arch::k_physical_map) / k_page_size;

// All frames.
struct Frames {
    Buddy buddy;
    FrameCache cache;
    std::uint64_t heap = 0; // in use by it

    std::uint64_t free_count() const { return buddy.free_count() + cache.count(); }
    Result<std::uint64_t> allocate(unsigned order) {
        if (order == 0)
            return cache.allocate(buddy);
        const Result<std::uint64_t> block = buddy.allocate(order);
        if (block.ok() || cache.count() == 0)
            return block;
        cache.drain(buddy);
        return buddy.allocate(order);
    }
    void free(std::uint64_t frame, unsigned order) {
        if (order == 0)
            cache.free(buddy, frame);
        else
            buddy.free(frame, order);
    }
    Result<std::uint64_t> allocate_run(std::uint64_t count) {
        if (count == 1)
            return cache.allocate(buddy);
        const Result<std::uint64_t> run = buddy.allocate_run(count);
        if (run.ok() || cache.count() == 0)
            return run;
        cache.drain(buddy);
        return buddy.allocate_run(count);
    }
    void free_run(std::uint64_t frame) {
        const std::uint64_t count = buddy.run_length(frame);
        heap -= count;
        if (count == 1)
            cache.free(buddy, frame);
        else
            buddy.free_run(frame);
    }
};
constinit Guarded<Frames> g_frames{LockRank::frames};
constinit std::uint64_t g_kernel_reserve = 0;
constexpr std::uint64_t k_low_frames = (1ULL << 32) / k_page_size;
constinit bool g_has_high_frames = false;

void* pointer_to(std::uint64_t frame) {
    return arch::physical_pointer(PhysAddr{frame * k_page_size});
}

void* allocate_run(std::size_t frames) {
    const Result<std::uint64_t> first = g_frames.with([frames](Frames& all) {
        const Result<std::uint64_t> run = all.allocate_run(frames);
        all.heap += run.ok() ? frames : 0;
        return run;
    });
    return first.ok() ? pointer_to(first.value()) : nullptr;
}

void free_run(void* first) {
    const std::uint64_t frame = physical_address(first).value / k_page_size;
    g_frames.with([frame](Frames& all) { all.free_run(frame); });
}

constinit Guarded<Heap> g_heap{LockRank::heap, RunSource{allocate_run, free_run}};

Result<PhysAddr> allocate_table() {
    return allocate_zeroed_frame();
}

void free_table(PhysAddr table) {
    free_frames(table, 0);
}

void zero(void* start, std::size_t size) {
    __builtin_memset(start, 0, size);
}

// Cuts zeroed memory for the allocator's tables out of the early memory: the end of the first range
// with room for them.
Result<std::uint8_t*> carve_tables(FrameRanges& usable, std::uint64_t size) {
    const std::uint64_t frames = align_up(size, k_page_size) / k_page_size;
    for (const FrameRange& range : usable.all()) {
        const std::uint64_t end = range.end < k_early_frames ? range.end : k_early_frames;
        if (range.first >= end || end - range.first < frames)
            continue;
        const FrameRange taken{end - frames, end};
        auto* tables = static_cast<std::uint8_t*>(pointer_to(taken.first));
        usable.remove(taken);
        zero(tables, size);
        return tables;
    }
    return Errno::enomem;
}

// Enough for the ranges, also after the tables themselves have cut one of them in two.
std::uint64_t table_size(const FrameRanges& ranges) {
    std::uint64_t size = Buddy::table_size({0, 1});
    for (const FrameRange& range : ranges.all())
        size += Buddy::table_size(range);
    return size;
}

void release(Buddy& buddy, const FrameRanges& usable, FrameRange within) {
    for (const FrameRange& range : usable.all())
        buddy.release({range.first > within.first ? range.first : within.first,
                       range.end < within.end ? range.end : within.end});
}

} // namespace

Result<void> start() {
    FrameRanges usable;
    const arch::BootInfo& boot = arch::boot_info();
    collect_usable({boot.regions, boot.region_count}, k_most_frames, usable);
    usable.remove({physical_address(unik_kernel_start).value / k_page_size,
                   align_up(physical_address(unik_kernel_end).value, k_page_size) / k_page_size});

    usable.keep_largest(Buddy::k_most_zones - 1);
    std::uint8_t* tables = UNIK_TRY(carve_tables(usable, table_size(usable)));
    g_frames.with([&](Frames& all) {
        Buddy& buddy = all.buddy;
        buddy.set_base(pointer_to(0));
        for (const FrameRange& range : usable.all()) {
            buddy.add_zone(range, tables);
            tables += Buddy::table_size(range);
        }
        release(buddy, usable, {0, k_early_frames});
    });
    arch::set_table_allocator({allocate_table, free_table});
    for (const FrameRange& range : usable.all())
        g_has_high_frames = g_has_high_frames || range.end > k_low_frames;
    for (const FrameRange& range : usable.all())
        if (range.end > k_early_frames)
            UNIK_TRY(map_physical(range.first > k_early_frames ? range.first : k_early_frames,
                                  range.end));
    UNIK_TRY(protect_image_in_map());
    g_frames.with([&](Frames& all) {
        release(all.buddy, usable, {k_early_frames, k_most_frames});
        g_kernel_reserve = all.buddy.total() / 256;
    });
    initialise_address_space();
    return {};
}

Result<PhysAddr> allocate_frames(unsigned order) {
    const Result<std::uint64_t> frame = with_reclaim(std::size_t{1} << order, [order] {
        return g_frames.with([order](Frames& all) { return all.allocate(order); });
    });
    if (!frame.ok())
        return frame.error();
    return PhysAddr{frame.value() * k_page_size};
}

Result<PhysAddr> allocate_low_frames(unsigned order) {
    const Result<std::uint64_t> frame = with_reclaim(std::size_t{1} << order, [order] {
        return g_frames.with([order](Frames& all) {
            all.cache.drain(all.buddy);
            return all.buddy.allocate_below(k_low_frames, order);
        });
    });
    if (!frame.ok())
        return frame.error();
    return PhysAddr{frame.value() * k_page_size};
}

bool has_high_frames() {
    return g_has_high_frames;
}

void free_frames(PhysAddr first, unsigned order) {
    g_frames.with([=](Frames& all) { all.free(first.value / k_page_size, order); });
}

Result<PhysAddr> allocate_zeroed_frame() {
    const PhysAddr frame = UNIK_TRY(allocate_frames(0));
    zero(arch::physical_pointer(frame), k_page_size);
    return frame;
}

FrameCount frame_count() {
    return g_frames.with([](Frames& all) {
        return FrameCount{all.buddy.total(), all.free_count()};
    });
}

void* frame_bytes(PhysAddr frame) {
    return arch::physical_pointer(frame);
}

Result<PhysAddr> allocate_program_frame() {
    const Result<std::uint64_t> frame = with_reclaim(1, [] {
        return g_frames.with([](Frames& all) -> Result<std::uint64_t> {
            if (all.free_count() <= g_kernel_reserve)
                return Errno::enomem;
            return all.allocate(0);
        });
    });
    if (!frame.ok())
        return frame.error();
    return PhysAddr{frame.value() * k_page_size};
}

Result<PhysAddr> allocate_program_block() {
    constexpr unsigned k_order = 9;
    const Result<std::uint64_t> first = g_frames.with([](Frames& all) -> Result<std::uint64_t> {
        if (all.free_count() < all.buddy.total() / 8 + (1ULL << k_order))
            return Errno::enomem;
        const Result<std::uint64_t> block = all.buddy.allocate(k_order);
        if (block.ok())
            all.buddy.separate(block.value(), k_order);
        return block;
    });
    if (!first.ok())
        return first.error();
    return PhysAddr{first.value() * k_page_size};
}

std::uint64_t heap_pages() {
    return g_frames.with([](Frames& all) { return all.heap; });
}

Result<PhysAddr> allocate_kernel_frame() {
    return allocate_frames(0);
}

void free_program_frame(PhysAddr frame) {
    free_frames(frame, 0);
}

} // namespace os::memory

namespace os {

void* heap_allocate(std::size_t size) {
    return memory::with_reclaim(size / k_page_size + 1, [size] {
        return memory::g_heap.with([size](memory::Heap& heap) { return heap.allocate(size); });
    });
}

void heap_free(void* pointer) {
    if (pointer == nullptr) // many containers never hold anything
        return;
    memory::g_heap.with([pointer](memory::Heap& heap) { heap.free(pointer); });
}

} // namespace os
