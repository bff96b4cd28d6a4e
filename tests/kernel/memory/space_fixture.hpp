// What the tests of the address space share.
#pragma once

#include <map>

#include <memory/address_space.hpp>

#include "fake_machine.hpp"
#include "memory/address_space_state.hpp"
#include "memory/frame_access.hpp"

#include <doctest/doctest.h>

inline constexpr std::uint64_t k_page = 4096;
inline constexpr os::memory::Protection k_read_write =
    os::memory::Protection::read | os::memory::Protection::write;

struct SpaceFixture {
    using Access = os::memory::Access;
    using Errno = os::Errno;
    using Protection = os::memory::Protection;
    using VirtAddr = os::VirtAddr;
    ~SpaceFixture() { g_machine.reset(); }

    static std::uint64_t map_pages(std::uint64_t pages, Protection protection = k_read_write) {
        const auto at = os::memory::map({.size = pages * k_page, .protection = protection});
        REQUIRE(at.ok());
        return at.value().value;
    }
    static std::uint8_t read(std::uint64_t address) {
        std::uint8_t value = 0;
        REQUIRE(g_machine.read(address, value));
        return value;
    }
    static bool reads(std::uint64_t address) {
        std::uint8_t value = 0;
        return g_machine.read(address, value);
    }
    static os::memory::FaultOutcome fault(std::uint64_t address, Access access) {
        return os::memory::resolve_fault(VirtAddr{address}, access);
    }
    static std::size_t count_areas() {
        std::size_t count = 0;
        os::memory::for_each_area(
            [](const os::memory::AreaInfo&, void* sum) { ++*static_cast<std::size_t*>(sum); },
            &count);
        return count;
    }
    static Errno error_of(const os::Result<void>& result) {
        REQUIRE_FALSE(result.ok());
        return result.error();
    }
    static Errno error_of(const os::Result<VirtAddr>& result) {
        REQUIRE_FALSE(result.ok());
        return result.error();
    }
};

// Pages whose bytes are their number.
class Counting : public os::memory::Pager {
public:
    os::Result<os::PhysAddr> shared_page(std::uint64_t offset) override {
        if (before_return)
            before_return();
        if (fails != os::Errno{})
            return fails;
        if (!pages.count(offset)) {
            const os::PhysAddr frame = UNIK_TRY(os::memory::allocate_program_frame());
            __builtin_memset(os::memory::frame_bytes(frame), static_cast<int>(offset / k_page),
                             k_page);
            pages[offset] = frame;
        }
        ++uses[offset];
        return pages[offset];
    }
    void release_page(std::uint64_t offset, os::PhysAddr frame) override {
        CHECK(pages[offset] == frame);
        CHECK(uses[offset]-- > 0);
    }
    ~Counting() override {
        for (const auto& [offset, count] : uses)
            CHECK(count == 0);
        for (const auto& [offset, frame] : pages)
            os::memory::free_program_frame(frame);
    }

    std::map<std::uint64_t, os::PhysAddr> pages;
    std::map<std::uint64_t, int> uses;
    os::Errno fails{};
    void (*before_return)() = nullptr;
};

inline os::Ref<Counting> make_pager() {
    auto pager = os::try_make_ref<Counting>();
    REQUIRE(pager.ok());
    return std::move(pager).value();
}
