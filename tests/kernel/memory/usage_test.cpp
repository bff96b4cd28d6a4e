#include <memory/report.hpp>

#include <string>

#include "space_fixture.hpp"

namespace {

using namespace os::memory;
using os::control::NamedValue;

using Fixture = SpaceFixture;

void touch(std::uint64_t address, std::uint64_t pages) {
    for (std::uint64_t i = 0; i < pages; ++i)
        REQUIRE(g_machine.write(address + i * k_page, 1));
}

} // namespace

TEST_CASE_FIXTURE(Fixture, "users come by size, areas of one name together") {
    const char* k_heap = "[heap]";
    for (const std::uint64_t pages : {3U, 4U}) {
        const auto at = map({.size = 8 * k_page, .protection = k_read_write, .name = k_heap});
        REQUIRE(at.ok());
        touch(at.value().value, pages);
        map_pages(1, Protection::read); // keeps them apart
    }
    touch(map_pages(5), 5);
    const auto pager = make_pager();
    const auto file = map({.size = 9 * k_page, .protection = k_read_write, .pager = pager});
    for (std::uint64_t i = 0; i < 9; ++i)
        read(file.value().value + i * k_page);
    touch(file.value().value, 2);
    NamedValue users[8] = {};
    const std::size_t count = largest_users(os::Span<NamedValue>(users));
    REQUIRE(count == 4);
    // All other frames that are not free.
    CHECK(std::string(users[0].name) == "the kernel otherwise");
    CHECK(std::string(users[1].name) == "[heap]");
    CHECK(users[1].value == 7);
    CHECK(std::string(users[2].name) == "anonymous memory");
    CHECK(users[2].value == 5);
    CHECK(std::string(users[3].name) == "mapped files");
    CHECK(users[3].value == 2); // the copies
}

TEST_CASE_FIXTURE(Fixture, "a short table keeps the largest") {
    touch(map_pages(5), 5);
    const auto at = map({.size = 8 * k_page, .protection = k_read_write, .name = "[heap]"});
    touch(at.value().value, 8);
    NamedValue users[2] = {};
    REQUIRE(largest_users(os::Span<NamedValue>(users)) == 2);
    CHECK(std::string(users[1].name) == "[heap]");
    CHECK(largest_users(os::Span<NamedValue>(users, 0)) == 0);
}
