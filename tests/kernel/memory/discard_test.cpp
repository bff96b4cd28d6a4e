#include <memory/address_space.hpp>

#include "memory/with_reclaim.hpp"
#include "space_fixture.hpp"

namespace {

using namespace os::memory;
using os::Errno;
using os::VirtAddr;

using Fixture = SpaceFixture;

std::uint64_t map_pager(const os::Ref<Counting>& pager, std::uint64_t pages, Sharing sharing) {
    const auto at = map(
        {.size = pages * k_page, .protection = k_read_write, .sharing = sharing, .pager = pager});
    REQUIRE(at.ok());
    return at.value().value;
}

} // namespace

TEST_CASE_FIXTURE(Fixture, "a hole is told of after the rest has been discarded") {
    const std::uint64_t at = map_pages(4);
    CHECK(g_machine.write(at, 1));
    CHECK(g_machine.write(at + 3 * k_page, 1));
    CHECK(unmap(VirtAddr{at + k_page}, k_page).ok());
    CHECK(error_of(discard(VirtAddr{at}, 4 * k_page)) == Errno::enomem);
    CHECK(resident_pages() == 0);
    CHECK(error_of(discard(VirtAddr{at - k_page}, 2 * k_page)) == Errno::enomem);
}

TEST_CASE_FIXTURE(Fixture, "what may be discarded depends on what is mapped") {
    const std::uint64_t own = map_pages(1);
    const std::uint64_t all =
        map({.size = k_page, .protection = k_read_write, .sharing = Sharing::shared}).value().value;
    const std::uint64_t file = map_pager(make_pager(), 1, Sharing::private_copy);
    CHECK(g_machine.write(all, 4));
    CHECK(discard(VirtAddr{own}, k_page, Discard::anonymous).ok());
    CHECK(error_of(discard(VirtAddr{all}, k_page, Discard::anonymous)) == Errno::einval);
    CHECK(error_of(discard(VirtAddr{file}, k_page, Discard::anonymous)) == Errno::einval);
    CHECK(error_of(discard(VirtAddr{own}, k_page, Discard::contents)) == Errno::einval);
    CHECK(read(all) == 4);
    CHECK(discard(VirtAddr{all}, k_page, Discard::contents).ok());
    CHECK(read(all) == 0);
}

TEST_CASE_FIXTURE(Fixture, "forgotten pages of an object leave every mapping that shows them") {
    const auto pager = make_pager();
    const auto other = make_pager();
    const std::uint64_t shared = map_pager(pager, 4, Sharing::shared);
    const std::uint64_t own = map_pager(pager, 4, Sharing::private_copy);
    const std::uint64_t unrelated = map_pager(other, 4, Sharing::shared);
    for (std::uint64_t i = 0; i < 4; ++i) {
        CHECK(read(shared + i * k_page) == i);
        CHECK(read(unrelated + i * k_page) == i);
        CHECK(g_machine.write(own + i * k_page, 9));
    }
    forget_pages(pager.get(), 2 * k_page, 3 * k_page, Copies::kept);
    CHECK(resident_pages() == 11);
    CHECK(pager->uses[2 * k_page] == 0);
    CHECK(read(own + 2 * k_page) == 9);
    forget_pages(pager.get(), k_page, UINT64_MAX, Copies::dropped);
    CHECK(resident_pages() == 6);
    CHECK(read(own) == 9);
    CHECK(read(own + 3 * k_page) == 3);
}

TEST_CASE_FIXTURE(Fixture, "a part of the object that a mapping does not show does not touch it") {
    const auto pager = make_pager();
    const auto at = map({.size = 2 * k_page,
                         .protection = Protection::read,
                         .sharing = Sharing::shared,
                         .pager = pager,
                         .offset = 10 * k_page});
    CHECK(read(at.value().value) == 10);
    CHECK(read(at.value().value + k_page) == 11);
    forget_pages(pager.get(), 0, 10 * k_page, Copies::dropped);
    forget_pages(pager.get(), 12 * k_page, UINT64_MAX, Copies::dropped);
    CHECK(resident_pages() == 2);
    forget_pages(pager.get(), 0, 11 * k_page, Copies::dropped);
    CHECK(resident_pages() == 1);
    CHECK(pager->uses[10 * k_page] == 0);
}

TEST_CASE_FIXTURE(Fixture, "before memory runs out, pages go back to their pagers") {
    const auto pager = make_pager();
    const std::uint64_t file = map_pager(pager, 200, Sharing::private_copy);
    for (std::uint64_t i = 0; i < 200; ++i)
        CHECK(read(file + i * k_page) == i);
    CHECK(g_machine.write(file + 5 * k_page, 77));
    CHECK(release_lent_pages());
    CHECK(resident_pages() == 200 - 64);
    CHECK(read(file + 5 * k_page) == 77);
    CHECK(release_lent_pages());
    CHECK(release_lent_pages());
    CHECK(release_lent_pages());
    CHECK(resident_pages() == 1);
    CHECK_FALSE(release_lent_pages());
    // With a cache a fault that finds no frame asks for them by itself, and fails when there are
    // none.
    g_reclaiming.from_mappings = &release_lent_pages;
    CHECK(read(file) == 0);
    const std::uint64_t at = map_pages(1);
    g_machine.frames_left = 0;
    CHECK(fault(at, Access::write) == FaultOutcome::out_of_memory);
    CHECK(resident_pages() == 1);
    g_reclaiming.from_mappings = nullptr;
}

TEST_CASE_FIXTURE(Fixture, "memory that grows down does so into free room, to a limit") {
    const std::uint64_t top = 0x50000000;
    const MapRequest request{.address = VirtAddr{top},
                             .size = k_page,
                             .protection = k_read_write,
                             .placement = Placement::fixed,
                             .grows_down = true};
    REQUIRE(map(request).ok());
    CHECK(g_machine.write(top - 1, 1));
    CHECK(g_machine.write(top - 100 * k_page, 1));
    CHECK(mapped_bytes() == 101 * k_page);
    CHECK_FALSE(reads(top - (9ULL << 20)));
    REQUIRE(map({.address = VirtAddr{top - 500 * k_page},
                 .size = k_page,
                 .protection = Protection::read,
                 .placement = Placement::fixed})
                .ok());
    CHECK_FALSE(reads(top - 300 * k_page));
    CHECK(reads(top - 200 * k_page));
}

TEST_CASE_FIXTURE(Fixture, "what may not be written cannot be made writable") {
    const auto pager = make_pager();
    const auto at = map({.size = k_page,
                         .protection = Protection::read,
                         .sharing = Sharing::shared,
                         .pager = pager,
                         .may_write = false});
    CHECK(error_of(protect(at.value(), k_page, k_read_write)) == Errno::eacces);
    CHECK(protect(at.value(), k_page, Protection::none).ok());
}

TEST_CASE_FIXTURE(Fixture, "there is a limit to how many areas there are") {
    constexpr std::uint64_t k_start = 0x100000000;
    constexpr std::uint64_t k_pages = 2 * Areas::k_most;
    REQUIRE(map({.address = VirtAddr{k_start},
                 .size = k_pages * k_page,
                 .protection = Protection::read,
                 .placement = Placement::fixed})
                .ok());
    std::uint64_t page = 1;
    while (page < k_pages && unmap(VirtAddr{k_start + page * k_page}, k_page).ok())
        page += 2;
    CHECK(count_areas() == Areas::k_most);
    const MapRequest more{.size = k_page, .protection = Protection::read | Protection::execute};
    CHECK(error_of(map(more)) == Errno::enomem);
    CHECK(unmap(VirtAddr{k_start}, k_page).ok());
    CHECK(map(more).ok());
}
