#include "fake_machine.hpp"

#include <cstdlib>

#include <control/control.hpp>
#include <memory/frames.hpp>
#include <random/random.hpp>

#include "memory/address_space_state.hpp"
#include "memory/frame_access.hpp"

#include <doctest/doctest.h>

FakeMachine g_machine;

namespace {

constexpr std::uint64_t k_page = 4096;

std::uint8_t* byte_of(os::PhysAddr frame, std::uint64_t address) {
    return reinterpret_cast<std::uint8_t*>(frame.value) + address % k_page;
}

std::uint8_t* access(std::uint64_t address, os::memory::Access kind) {
    for (int attempt = 0; attempt < 3; ++attempt) {
        const auto page = g_machine.pages.find(address / k_page * k_page);
        if (page != g_machine.pages.end() && page->second.flags.present &&
            (kind != os::memory::Access::write || page->second.flags.writable))
            return byte_of(page->second.frame, address);
        if (os::memory::resolve_fault(os::VirtAddr{address}, kind) !=
            os::memory::FaultOutcome::resolved)
            return nullptr;
    }
    FAIL("a resolved fault comes again and again");
    return nullptr;
}

} // namespace

bool FakeMachine::write(std::uint64_t address, std::uint8_t value) {
    std::uint8_t* byte = access(address, os::memory::Access::write);
    if (byte != nullptr)
        *byte = value;
    return byte != nullptr;
}

bool FakeMachine::read(std::uint64_t address, std::uint8_t& value) {
    const std::uint8_t* byte = access(address, os::memory::Access::read);
    if (byte != nullptr)
        value = *byte;
    return byte != nullptr;
}

void FakeMachine::reset() {
    os::memory::AddressSpace& space = os::memory::g_space;
    all_frames = 1 << 20;
    frames_left = tables_left = blocks_left = SIZE_MAX;
    large_pages = 0;
    image_start = image_end = 0;
    warnings = 0;
    REQUIRE(os::memory::unmap(os::VirtAddr{os::arch::k_program_bottom},
                              os::memory::k_map_end - os::arch::k_program_bottom)
                .ok());
    CHECK(space.areas.mapped_bytes() == 0);
    CHECK(space.resident == 0);
    CHECK(pages.empty());
    CHECK(frames.empty());
    CHECK(blocks.empty());
    space.break_start = space.break_end = 0;
    space.write_execute_allowed = false;
    os::memory::initialise_address_space();
}

namespace os::arch {

Result<void> map_page(VirtAddr page, PhysAddr frame, PageFlags flags) {
    if (g_machine.tables_left == 0) {
        if (g_machine.when_refused != nullptr)
            g_machine.when_refused();
        return Errno::enomem;
    }
    if (g_machine.tables_left != SIZE_MAX)
        --g_machine.tables_left;
    g_machine.pages[page.value] = {frame, flags};
    return {};
}

// Cut at once.
Result<void> map_large_page(VirtAddr page, PhysAddr frame, PageFlags flags) {
    for (std::uint64_t at = 0; at < k_large_page_size; at += k_page)
        UNIK_TRY(map_page(page + at, frame + at, flags));
    ++g_machine.large_pages;
    return {};
}

void protect_page(VirtAddr page, PageFlags flags) {
    if (const auto found = g_machine.pages.find(page.value); found != g_machine.pages.end())
        found->second.flags = flags;
}

Translation translate(VirtAddr address) {
    const auto found = g_machine.pages.find(address.value / k_page * k_page);
    if (found == g_machine.pages.end())
        return {};
    return {.present = found->second.flags.present,
            .held = !found->second.flags.present,
            .frame = found->second.frame,
            .writable = found->second.flags.writable,
            .executable = found->second.flags.executable,
            .lent = found->second.flags.lent};
}

Translation unmap_page(VirtAddr page) {
    const Translation before = translate(page);
    g_machine.pages.erase(page.value);
    return before;
}

VirtAddr next_page(VirtAddr from, VirtAddr end) {
    const auto found = g_machine.pages.lower_bound(from.value);
    return found != g_machine.pages.end() && found->first < end.value ? VirtAddr{found->first}
                                                                      : end;
}

void free_empty_tables(VirtAddr start, VirtAddr end) {
    // Whole 2 MiB blocks that map nothing any more.
    CHECK(start.value % (2 << 20) == 0);
    CHECK(next_page(start, end) == end);
}

} // namespace os::arch

namespace os::memory {

void* frame_bytes(PhysAddr frame) {
    return reinterpret_cast<void*>(frame.value);
}

Result<PhysAddr> allocate_program_frame() {
    if (g_machine.frames_left == 0)
        return Errno::enomem;
    if (g_machine.frames_left != SIZE_MAX)
        --g_machine.frames_left;
    void* bytes = std::aligned_alloc(k_page, k_page);
    __builtin_memset(bytes, 0xee, k_page);
    g_machine.frames.insert(reinterpret_cast<std::uint64_t>(bytes));
    return PhysAddr{reinterpret_cast<std::uint64_t>(bytes)};
}

Result<PhysAddr> allocate_program_block() {
    constexpr std::uint64_t k_size = arch::k_large_page_size;
    if (g_machine.blocks_left == 0)
        return Errno::enomem;
    if (g_machine.blocks_left != SIZE_MAX)
        --g_machine.blocks_left;
    void* bytes = std::aligned_alloc(k_size, k_size);
    __builtin_memset(bytes, 0xee, k_size);
    const auto first = reinterpret_cast<std::uint64_t>(bytes);
    for (std::uint64_t at = 0; at < k_size; at += k_page)
        g_machine.frames.insert(first + at);
    g_machine.blocks[first] = k_size / k_page;
    return PhysAddr{first};
}

void free_program_frame(PhysAddr frame) {
    const auto block = g_machine.blocks.find(frame.value & ~(arch::k_large_page_size - 1));
    if (block != g_machine.blocks.end()) {
        REQUIRE(g_machine.frames.erase(frame.value) == 1);
        if (--block->second == 0) {
            std::free(reinterpret_cast<void*>(block->first));
            g_machine.blocks.erase(block);
        }
        return;
    }
    REQUIRE(g_machine.frames.erase(frame.value) == 1);
    std::free(reinterpret_cast<void*>(frame.value));
}

Result<PhysAddr> allocate_kernel_frame() {
    alignas(k_page) static std::uint8_t frame[k_page];
    return PhysAddr{reinterpret_cast<std::uint64_t>(frame)};
}

std::uint64_t heap_pages() {
    return 0;
}

bool is_read_only_image(PhysAddr frame) {
    return frame.value >= g_machine.image_start && frame.value < g_machine.image_end;
}

FrameCount frame_count() {
    return {.total = g_machine.all_frames, .free = g_machine.all_frames / 2};
}

PhysAddr physical_address(const void* pointer) {
    return PhysAddr{reinterpret_cast<std::uint64_t>(pointer)};
}

} // namespace os::memory

namespace os::control {
void warn(const char*, const char*, ...) {
    ++g_machine.warnings;
}
} // namespace os::control

namespace os::random {
void fill(MutableBytes out) {
    for (std::uint8_t& byte : out)
        byte = 0;
}
} // namespace os::random
