// From the boot loader's memory map, which may be unsorted, overlapping and odd, to the runs of
// whole frames that the kernel may use.
#pragma once

#include <cstdint>

#include <arch/boot_info.hpp>
#include <foundation/span.hpp>

namespace os::memory {

struct FrameRange {
    std::uint64_t first = 0; // frame number: address / 4096
    std::uint64_t end = 0;   // exclusive

    bool empty() const { return first >= end; }
    std::uint64_t count() const { return empty() ? 0 : end - first; }
};

class FrameRanges {
public:
    static constexpr unsigned k_most = 2 * arch::BootInfo::k_most_regions;

    // Members are kept sorted; a range that touches or overlaps others becomes one with them. What
    // does not fit any more is left out: memory unused, nothing worse.
    void add(FrameRange range);
    void remove(FrameRange range);
    void keep_largest(unsigned count);

    Span<const FrameRange> all() const { return {ranges_, count_}; }

private:
    void insert_at(unsigned index, FrameRange range);
    void erase_at(unsigned index);

    FrameRange ranges_[k_most];
    unsigned count_ = 0;
};

// Usable memory in whole frames, without what any other region claims and without frames from
// `limit` on. Of the first 64 KiB nothing is used: the firmware keeps data there, and other CPUs
// start there. Nor is anything from 640 KiB to 1 MiB, the PC's adapters and firmware: maps without
// that hole exist (QEMU's microvm).
void collect_usable(Span<const arch::MemoryRegion> regions, std::uint64_t limit, FrameRanges& out);

} // namespace os::memory
