// A machine for the address space's logic: page tables in a map, frames from malloc.
#pragma once

#include <cstdint>
#include <map>
#include <set>

#include <arch/paging.hpp>
#include <foundation/types.hpp>

struct FakeMachine {
    struct Page {
        os::PhysAddr frame;
        os::arch::PageFlags flags;
    };
    std::map<std::uint64_t, Page> pages;
    std::set<std::uint64_t> frames;
    std::map<std::uint64_t, unsigned> blocks; // of 2 MiB: frames that are in use
    unsigned large_pages = 0;                 // that were mapped
    std::size_t all_frames = 1 << 20;         // what frame_count() says
    std::size_t frames_left = SIZE_MAX;
    std::size_t blocks_left = SIZE_MAX;
    std::size_t tables_left = SIZE_MAX; // mappings that succeed
    std::uint64_t image_start = 0;      // read-only part of the image
    std::uint64_t image_end = 0;
    void (*when_refused)() = nullptr; // called when a mapping fails
    unsigned warnings = 0;

    // As the CPU would: through the page tables, faulting pages in. False when it cannot.
    bool write(std::uint64_t address, std::uint8_t value);
    bool read(std::uint64_t address, std::uint8_t& value);

    void reset(); // an empty address space
};

extern FakeMachine g_machine;
