#include <memory/address_space.hpp>

#include "space_fixture.hpp"

namespace {

using namespace os::memory;
using os::Errno;
using os::PhysAddr;
using os::VirtAddr;

using Fixture = SpaceFixture;

} // namespace

TEST_CASE_FIXTURE(Fixture, "remapping shrinks, grows in place, or moves the pages") {
    const std::uint64_t at = map_pages(4);
    for (std::uint64_t i = 0; i < 4; ++i)
        CHECK(g_machine.write(at + i * k_page, static_cast<std::uint8_t>(i + 1)));
    CHECK(remap({.address = VirtAddr{at}, .size = 4 * k_page, .new_size = 2 * k_page})
              .value()
              .value == at);
    CHECK_FALSE(reads(at + 2 * k_page));
    CHECK(remap({.address = VirtAddr{at}, .size = 2 * k_page, .new_size = 3 * k_page})
              .value()
              .value == at);
    CHECK(read(at + 2 * k_page) == 0);
    REQUIRE(map({.address = VirtAddr{at + 3 * k_page},
                 .size = k_page,
                 .protection = Protection::read,
                 .placement = Placement::fixed})
                .ok());
    CHECK(error_of(remap({.address = VirtAddr{at}, .size = 3 * k_page, .new_size = 9 * k_page})) ==
          Errno::enomem);
    const auto moved = remap({.address = VirtAddr{at},
                              .size = 3 * k_page,
                              .new_size = 9 * k_page,
                              .moving = Moving::allowed});
    REQUIRE(moved.ok());
    CHECK(read(moved.value().value + k_page) == 2);
    CHECK(read(moved.value().value + 8 * k_page) == 0);
    CHECK_FALSE(reads(at));
    const auto fixed = remap({.address = moved.value(),
                              .size = 9 * k_page,
                              .new_size = k_page,
                              .moving = Moving::allowed,
                              .target = VirtAddr{0x40000000}});
    CHECK(fixed.value().value == 0x40000000);
    CHECK(read(0x40000000) == 1);
    CHECK(error_of(remap({.address = VirtAddr{0x40000000},
                          .size = k_page,
                          .new_size = k_page,
                          .moving = Moving::allowed,
                          .target = VirtAddr{0x40000000}})) == Errno::einval);
    CHECK(error_of(remap({.address = VirtAddr{0x50000000},
                          .size = k_page,
                          .new_size = 2 * k_page,
                          .moving = Moving::allowed})) == Errno::efault);
}

TEST_CASE_FIXTURE(Fixture, "a move that runs out of tables leaves everything as it was") {
    const std::uint64_t at = map_pages(8);
    for (std::uint64_t i = 0; i < 8; ++i)
        CHECK(g_machine.write(at + i * k_page, static_cast<std::uint8_t>(i + 1)));
    // The way back needs no new table.
    g_machine.tables_left = 5;
    struct Refill {
        static void now() { g_machine.tables_left = SIZE_MAX; }
    };
    g_machine.when_refused = &Refill::now;
    CHECK(error_of(remap({.address = VirtAddr{at},
                          .size = 8 * k_page,
                          .new_size = 8 * k_page,
                          .moving = Moving::allowed,
                          .target = VirtAddr{0x40000000}})) == Errno::enomem);
    g_machine.when_refused = nullptr;
    for (std::uint64_t i = 0; i < 8; ++i)
        CHECK(read(at + i * k_page) == i + 1);
    CHECK_FALSE(reads(0x40000000));
}

TEST_CASE_FIXTURE(Fixture, "pages of hidden memory move with it") {
    const std::uint64_t at = map_pages(2);
    CHECK(g_machine.write(at, 4));
    CHECK(protect(VirtAddr{at}, 2 * k_page, Protection::none).ok());
    REQUIRE(remap({.address = VirtAddr{at},
                   .size = 2 * k_page,
                   .new_size = 2 * k_page,
                   .moving = Moving::allowed,
                   .target = VirtAddr{0x40000000}})
                .ok());
    CHECK_FALSE(reads(0x40000000));
    CHECK(protect(VirtAddr{0x40000000}, 2 * k_page, Protection::read).ok());
    CHECK(read(0x40000000) == 4);
}

TEST_CASE_FIXTURE(Fixture, "a move may leave the old mapping behind, empty") {
    const std::uint64_t at = map_pages(2);
    CHECK(g_machine.write(at, 4));
    const auto moved = remap({.address = VirtAddr{at},
                              .size = 2 * k_page,
                              .new_size = 2 * k_page,
                              .moving = Moving::allowed,
                              .keeps_old = true});
    REQUIRE(moved.ok());
    CHECK(moved.value().value != at);
    CHECK(read(moved.value().value) == 4);
    CHECK(read(at) == 0);
}

TEST_CASE_FIXTURE(Fixture, "shared pages of a file can be shown twice, others not") {
    const auto pager = make_pager();
    const auto at = map({.size = 4 * k_page,
                         .protection = k_read_write,
                         .sharing = Sharing::shared,
                         .pager = pager});
    const auto twin =
        remap({.address = at.value() + k_page, .new_size = 2 * k_page, .moving = Moving::allowed});
    REQUIRE(twin.ok());
    CHECK(g_machine.write(twin.value().value, 55));
    CHECK(read(at.value().value + k_page) == 55);
    CHECK(error_of(remap({.address = at.value(), .new_size = k_page})) == Errno::einval);
    const std::uint64_t own = map_pages(1);
    CHECK(error_of(
              remap({.address = VirtAddr{own}, .new_size = k_page, .moving = Moving::allowed})) ==
          Errno::einval);
}
