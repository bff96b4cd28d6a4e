#include <memory/stand_in.hpp>

#include <memory/address_space.hpp>

#include "fake_machine.hpp"
#include "memory/frame_access.hpp"

#include <doctest/doctest.h>

namespace {

using os::VirtAddr;
using namespace os::memory;

constexpr std::uint64_t k_page = 4096;
constexpr std::uint64_t k_place = 0x40000000;

struct Fixture {
    ~Fixture() {
        end_stand_ins();
        g_machine.reset();
    }
    static bool shows(std::uint64_t address) { return g_machine.pages.count(address) != 0; }
};

} // namespace

TEST_CASE_FIXTURE(Fixture, "a page that stands in reads as zeroes and is gone afterwards") {
    REQUIRE(stand_in(VirtAddr{k_place + 123}).ok());
    REQUIRE(shows(k_place));
    auto* bytes = static_cast<std::uint8_t*>(frame_bytes(g_machine.pages[k_place].frame));
    CHECK(bytes[123] == 0);
    CHECK(g_machine.pages[k_place].flags.writable);
    CHECK_FALSE(g_machine.pages[k_place].flags.executable);
    bytes[123] = 9;
    end_stand_ins();
    CHECK_FALSE(shows(k_place));
    REQUIRE(stand_in(VirtAddr{k_place}).ok());
    CHECK(bytes[123] == 0);
}

TEST_CASE_FIXTURE(Fixture, "what the program has there comes back with its rights") {
    const MapRequest request{.address = VirtAddr{k_place},
                             .size = 2 * k_page,
                             .protection = Protection::read | Protection::write,
                             .placement = Placement::fixed};
    REQUIRE(map(request).ok());
    REQUIRE(g_machine.write(k_place, 5));
    REQUIRE(g_machine.write(k_place + k_page, 6));
    REQUIRE(protect(VirtAddr{k_place}, k_page, Protection::read).ok());
    REQUIRE(protect(VirtAddr{k_place + k_page}, k_page, Protection::none).ok());
    const FakeMachine::Page first = g_machine.pages[k_place];
    const FakeMachine::Page second = g_machine.pages[k_place + k_page];
    REQUIRE(stand_in(VirtAddr{k_place}).ok());
    REQUIRE(stand_in(VirtAddr{k_place + k_page}).ok());
    CHECK(g_machine.pages[k_place].flags.writable);
    CHECK(g_machine.pages[k_place + k_page].flags.present);
    end_stand_ins();
    CHECK(g_machine.pages[k_place].frame == first.frame);
    CHECK_FALSE(g_machine.pages[k_place].flags.writable);
    CHECK(g_machine.pages[k_place + k_page].frame == second.frame);
    CHECK_FALSE(g_machine.pages[k_place + k_page].flags.present);
}

TEST_CASE_FIXTURE(Fixture, "a long copy over lost memory needs but a few at a time") {
    for (std::uint64_t i = 0; i < 100; ++i) {
        REQUIRE(stand_in(VirtAddr{k_place + i * k_page}).ok());
        CHECK(shows(k_place + i * k_page));
        CHECK(g_machine.pages.size() <= 4);
    }
    end_stand_ins();
    CHECK(g_machine.pages.empty());
}

TEST_CASE_FIXTURE(Fixture, "without a table nothing stands in") {
    g_machine.tables_left = 0;
    CHECK_FALSE(stand_in(VirtAddr{k_place}).ok());
    CHECK(g_stand_ins == 0);
}
