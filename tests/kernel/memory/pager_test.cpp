#include <memory/address_space.hpp>

#include <cstdlib>

#include "space_fixture.hpp"

namespace {

using namespace os::memory;
using os::Errno;
using os::PhysAddr;
using os::VirtAddr;

using Fixture = SpaceFixture;

} // namespace

TEST_CASE_FIXTURE(Fixture, "a private mapping has its own copy, a shared one the pager's page") {
    const auto pager = make_pager();
    const auto own = map({.size = 4 * k_page, .protection = k_read_write, .pager = pager});
    const auto shared = map({.size = 4 * k_page,
                             .protection = k_read_write,
                             .sharing = Sharing::shared,
                             .pager = pager,
                             .offset = 2 * k_page});
    CHECK(read(own.value().value + 3 * k_page) == 3);
    CHECK(g_machine.write(own.value().value + 3 * k_page, 77));
    CHECK(read(shared.value().value + k_page) == 3);
    CHECK(g_machine.write(shared.value().value + k_page, 99));
    CHECK(*static_cast<std::uint8_t*>(frame_bytes(pager->pages[3 * k_page])) == 99);
    CHECK(read(own.value().value + 3 * k_page) == 77);
    CHECK(discard(own.value(), 4 * k_page).ok());
    CHECK(read(own.value().value + 3 * k_page) == 99);
}

TEST_CASE_FIXTURE(Fixture, "what is left of a cut mapping still shows the right pages") {
    const auto pager = make_pager();
    for (const Sharing sharing : {Sharing::private_copy, Sharing::shared}) {
        const std::uint64_t at = map({.size = 9 * k_page,
                                      .protection = k_read_write,
                                      .sharing = sharing,
                                      .pager = pager,
                                      .offset = 10 * k_page})
                                     .value()
                                     .value;
        for (std::uint64_t i = 0; i < 9; i += 2)
            CHECK(read(at + i * k_page) == 10 + i);
        CHECK(unmap(VirtAddr{at}, k_page).ok());
        CHECK(unmap(VirtAddr{at + 8 * k_page}, k_page).ok());
        CHECK(unmap(VirtAddr{at + 4 * k_page}, k_page).ok());
        CHECK(protect(VirtAddr{at + 2 * k_page}, k_page, Protection::read).ok());
        for (const std::uint64_t i : {1U, 2U, 3U, 5U, 6U, 7U})
            CHECK(read(at + i * k_page) == 10 + i);
        for (const std::uint64_t i : {0U, 4U, 8U})
            CHECK_FALSE(reads(at + i * k_page));
        CHECK(unmap(VirtAddr{at}, 9 * k_page).ok());
    }
}

TEST_CASE_FIXTURE(Fixture, "a mapping that fills the gap between two that it continues makes one") {
    const auto pager = make_pager();
    const auto place = [&](std::uint64_t page) {
        REQUIRE(map({.address = VirtAddr{0x40000000 + page * k_page},
                     .size = k_page,
                     .protection = Protection::read,
                     .placement = Placement::fixed,
                     .pager = pager,
                     .offset = page * k_page})
                    .ok());
    };
    place(3);
    place(5);
    CHECK(count_areas() == 2);
    place(4);
    CHECK(count_areas() == 1);
    place(2);
    CHECK(count_areas() == 1);
    for (const std::uint64_t page : {2U, 3U, 4U, 5U})
        CHECK(read(0x40000000 + page * k_page) == page);
}

TEST_CASE_FIXTURE(Fixture, "a pager's failure and its want of memory are told apart") {
    const auto pager = make_pager();
    const auto at = map({.size = k_page, .protection = Protection::read, .pager = pager});
    pager->fails = Errno::eio;
    CHECK(fault(at.value().value, Access::read) == FaultOutcome::pager_failed);
    pager->fails = Errno::enomem;
    CHECK(fault(at.value().value, Access::read) == FaultOutcome::out_of_memory);
}

TEST_CASE_FIXTURE(Fixture, "a page that comes when its area has gone is given back") {
    static std::uint64_t place = 0;
    const auto pager = make_pager();
    place = map({.size = k_page, .protection = Protection::read, .pager = pager}).value().value;
    pager->before_return = [] { CHECK(unmap(VirtAddr{place}, k_page).ok()); };
    CHECK(fault(place, Access::read) == FaultOutcome::resolved);
    CHECK(pager->uses[0] == 0);
    CHECK(resident_pages() == 0);
    CHECK(fault(place, Access::read) == FaultOutcome::unmapped);
}

TEST_CASE_FIXTURE(Fixture, "private mappings show the pager's page until they write") {
    const auto pager = make_pager();
    const MapRequest request{.size = 2 * k_page, .protection = k_read_write, .pager = pager};
    const std::uint64_t one = map(request).value().value;
    const std::uint64_t two = map(request).value().value;
    CHECK(read(one + k_page) == 1);
    CHECK(read(two + k_page) == 1);
    CHECK(g_machine.frames.size() == 1);
    CHECK(pager->uses[k_page] == 2);
    CHECK(g_machine.write(one + k_page, 50));
    CHECK(pager->uses[k_page] == 1);
    CHECK(read(two + k_page) == 1);
    // What is lent stays as it is through a move and a change of rights.
    REQUIRE(remap({.address = VirtAddr{two},
                   .size = 2 * k_page,
                   .new_size = 2 * k_page,
                   .moving = Moving::allowed,
                   .target = VirtAddr{0x40000000}})
                .ok());
    CHECK(protect(VirtAddr{0x40000000}, 2 * k_page, Protection::none).ok());
    CHECK(protect(VirtAddr{0x40000000}, 2 * k_page, k_read_write).ok());
    CHECK(g_machine.write(0x40000000 + k_page, 60));
    CHECK(pager->uses[k_page] == 0);
    CHECK(static_cast<std::uint8_t*>(frame_bytes(pager->pages[k_page]))[0] == 1);
    CHECK(read(one + k_page) == 50);
    // A first access that writes goes straight to a copy.
    CHECK(g_machine.write(one, 70));
    CHECK(pager->uses[0] == 0);
    CHECK(resident_pages() == 3);
}

TEST_CASE_FIXTURE(Fixture, "a copy that finds no memory leaves the lent page where it was") {
    const auto pager = make_pager();
    const std::uint64_t at =
        map({.size = k_page, .protection = k_read_write, .pager = pager}).value().value;
    CHECK(read(at) == 0);
    g_machine.frames_left = 0;
    CHECK(fault(at, Access::write) == FaultOutcome::out_of_memory);
    CHECK(read(at) == 0);
    CHECK(pager->uses[0] == 1);
    CHECK(unmap(VirtAddr{at}, k_page).ok());
    CHECK(pager->uses[0] == 0);
}

TEST_CASE_FIXTURE(Fixture, "two threads that fault on one page share the first one's frame") {
    static std::uint64_t place = 0;
    static Counting* other = nullptr;
    const auto pager = make_pager();
    other = pager.get();
    place = map({.size = k_page, .protection = k_read_write, .pager = pager}).value().value;
    pager->before_return = [] {
        other->before_return = nullptr;
        CHECK(g_machine.write(place, 42));
    };
    CHECK(fault(place, Access::read) == FaultOutcome::resolved);
    CHECK(read(place) == 42);
    CHECK(g_machine.frames.size() == 2); // the pager's and the copy
    CHECK(pager->uses[0] == 0);
}

TEST_CASE_FIXTURE(Fixture, "the image's pages appear where they lie and are copied when written") {
    auto* image = static_cast<std::uint8_t*>(std::aligned_alloc(k_page, 40 * k_page));
    for (std::uint64_t i = 0; i < 40 * k_page; ++i)
        image[i] = static_cast<std::uint8_t>(i / k_page);
    g_machine.image_start = reinterpret_cast<std::uint64_t>(image);
    g_machine.image_end = g_machine.image_start + 20 * k_page;
    constexpr std::uint64_t k_text = 0x400000;
    REQUIRE(map_image(VirtAddr{k_text + 0x123}, image + 0x123, 20 * k_page - 0x123,
                      Protection::read | Protection::execute, "text")
                .ok());
    REQUIRE(map_image(VirtAddr{k_text + 20 * k_page}, image + 20 * k_page, 20 * k_page,
                      k_read_write, "data")
                .ok());
    CHECK(error_of(map_image(VirtAddr{k_text}, image, k_page, Protection::read, "again")) ==
          Errno::eexist);
    CHECK(error_of(map_image(VirtAddr{0x800001}, image, k_page, Protection::read, "odd")) ==
          Errno::einval);
    CHECK(read(k_text + 3 * k_page) == 3);
    CHECK(resident_pages() > 1); // its neighbours came along
    CHECK(g_machine.frames.empty());
    CHECK_FALSE(g_machine.write(k_text, 1));

    CHECK(g_machine.write(k_text + 21 * k_page, 200));
    CHECK(image[21 * k_page] == 200);
    CHECK(g_machine.frames.empty());

    CHECK(protect(VirtAddr{k_text}, 4 * k_page, k_read_write).ok());
    CHECK(g_machine.write(k_text + 3 * k_page, 100));
    CHECK(g_machine.write(k_text + 3 * k_page + 1, 101));
    CHECK(image[3 * k_page] == 3);
    CHECK(read(k_text + 3 * k_page) == 100);
    CHECK(read(k_text + 3 * k_page + 2) == 3);
    CHECK(g_machine.frames.size() == 1);
    CHECK(protect(VirtAddr{k_text}, 4 * k_page, Protection::read).ok());
    CHECK(read(k_text + 3 * k_page) == 100);
    CHECK(discard(VirtAddr{k_text + 3 * k_page}, k_page).ok());
    CHECK(read(k_text + 3 * k_page) == 3);
    CHECK(g_machine.frames.empty());
    g_machine.reset();
    std::free(image);
}
