#include <memory/address_space.hpp>

#include "space_fixture.hpp"

namespace {

using namespace os::memory;
using os::Errno;
using os::VirtAddr;

constexpr std::uint64_t k_large = 2 << 20;
constexpr std::uint64_t k_pages = k_large / k_page;

class Fixture : public SpaceFixture {
protected:
    // Anonymous memory, aligned as large pages are, that may have them.
    std::uint64_t map_large(std::uint64_t count) {
        const std::uint64_t at = 0x700000000000;
        REQUIRE(map({.address = VirtAddr{at},
                     .size = count * k_large,
                     .protection = k_read_write,
                     .placement = Placement::fixed})
                    .ok());
        REQUIRE(advise_large_pages(VirtAddr{at}, count * k_large, LargePages::preferred).ok());
        return at;
    }
};

} // namespace

TEST_CASE_FIXTURE(Fixture, "the first touch fills the whole large page with zeroes") {
    const std::uint64_t at = map_large(2);
    CHECK(g_machine.write(at + k_large + 5000, 7));
    CHECK(g_machine.large_pages == 1);
    CHECK(resident_pages() == k_pages);
    CHECK(read(at + k_large) == 0);
    CHECK(read(at + 2 * k_large - 1) == 0);
    CHECK(read(at + k_large + 5000) == 7);
    CHECK(read(at) == 0);
    CHECK(g_machine.large_pages == 2);
}

TEST_CASE_FIXTURE(Fixture, "memory that nobody asked large pages for has small ones") {
    const std::uint64_t at = map_large(2);
    REQUIRE(advise_large_pages(VirtAddr{at}, k_large, LargePages::avoided).ok());
    CHECK(count_areas() == 2);
    CHECK(g_machine.write(at, 1));
    CHECK(resident_pages() == 1);
    CHECK(g_machine.write(at + k_large, 1));
    CHECK(resident_pages() == 1 + k_pages);
}

TEST_CASE_FIXTURE(Fixture, "where a large page does not fit, or is partly there, small ones come") {
    const std::uint64_t at = map_large(3);
    REQUIRE(unmap(VirtAddr{at + k_large - k_page}, k_page).ok()); // the first is too short now
    CHECK(g_machine.write(at, 1));
    REQUIRE(discard(VirtAddr{at + k_large}, k_large).ok());
    CHECK(resident_pages() == 1);
    CHECK(g_machine.write(at + k_large, 1));
    REQUIRE(discard(VirtAddr{at + k_large}, k_large - k_page).ok()); // one page of it stays
    CHECK(resident_pages() == 2);
    CHECK(g_machine.write(at + k_large, 1));
    CHECK(resident_pages() == 3);
    CHECK(g_machine.large_pages == 1);
}

TEST_CASE_FIXTURE(Fixture, "without memory or tables for large pages small ones come") {
    const std::uint64_t at = map_large(2);
    g_machine.blocks_left = 0;
    CHECK(g_machine.write(at, 1));
    CHECK(resident_pages() == 1);
    g_machine.blocks_left = SIZE_MAX;
    CHECK(g_machine.write(at + k_page, 1)); // the block is not empty any more
    CHECK(resident_pages() == 2);
}

TEST_CASE_FIXTURE(Fixture, "parts of a large page are freed, protected and moved by themselves") {
    const std::uint64_t at = map_large(1);
    CHECK(g_machine.write(at + 3 * k_page, 3));
    CHECK(g_machine.write(at + 9 * k_page, 9));
    REQUIRE(protect(VirtAddr{at + 3 * k_page}, k_page, Protection::read).ok());
    CHECK_FALSE(g_machine.write(at + 3 * k_page, 4));
    CHECK(read(at + 3 * k_page) == 3);
    REQUIRE(unmap(VirtAddr{at}, k_page).ok());
    CHECK(resident_pages() == k_pages - 1);
    const auto moved = remap({.address = VirtAddr{at + 8 * k_page},
                              .size = 4 * k_page,
                              .new_size = 8 * k_page,
                              .moving = Moving::allowed});
    REQUIRE(moved.ok());
    CHECK(read(moved.value().value + k_page) == 9);
    CHECK(resident_pages() == k_pages - 1);
}

TEST_CASE_FIXTURE(Fixture, "advice on what is not mapped is an error") {
    const std::uint64_t at = map_large(1);
    CHECK(error_of(advise_large_pages(VirtAddr{at}, 2 * k_large, LargePages::preferred)) ==
          Errno::enomem);
    CHECK(advise_large_pages(VirtAddr{at}, 0, LargePages::preferred).ok());
}
