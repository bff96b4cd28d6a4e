#include <doctest/doctest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include <fake_pages.hpp>
#include <fake_waiting.hpp>
#include <stand_ins.hpp>

#include <tmpfs/contents.hpp>

using namespace os;
using tmpfs::Contents;

namespace {

constexpr std::uint64_t k_plenty = 1'000'000;
tmpfs::PageBudget g_budget{k_plenty, 0};

Bytes bytes(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string read(const Contents& contents, std::uint64_t offset, std::size_t size) {
    std::string out(size, '?');
    const std::size_t got =
        contents.read({reinterpret_cast<std::uint8_t*>(out.data()), size}, offset);
    out.resize(got);
    return out;
}

} // namespace

TEST_CASE("a write takes the pages that it touches, and no others") {
    Contents contents(g_budget);
    CHECK(contents.write(bytes("XY"), 4095).value() == 2);
    CHECK(g_budget.used == 2);
    CHECK(contents.size() == 4097);
    CHECK(read(contents, 4094, 4) == std::string("\0XY", 3));
    CHECK(read(contents, 4097, 1).empty());
    REQUIRE(contents.resize(1'000'000).ok());
    CHECK(read(contents, 999'990, 100) == std::string(10, '\0'));
    CHECK(g_budget.used == 2);
}

TEST_CASE("what lies between is zero, after shortening and lengthening too") {
    Contents contents(g_budget);
    REQUIRE(contents.write(bytes("image bytes"), 0).ok());
    REQUIRE(contents.resize(5).ok());
    REQUIRE(contents.resize(12).ok());
    CHECK(read(contents, 0, 20) == std::string("image\0\0\0\0\0\0\0", 12));
    CHECK(contents.write(bytes("x"), 8192).value() == 1);
    REQUIRE(contents.resize(8193).ok());
    CHECK(read(contents, 100, 3) == std::string(3, '\0'));
    REQUIRE(contents.resize(3).ok());
    CHECK(g_budget.used == 1);
}

TEST_CASE("running out of pages is enospc, with what fitted kept") {
    Contents contents(g_budget);
    g_budget.limit = 2;
    const std::string three_pages(3 * k_page_size, 'x');
    CHECK(contents.write(bytes(three_pages), 0).value() == 2 * k_page_size);
    CHECK(contents.write(bytes("y"), 2 * k_page_size).error() == Errno::enospc);
    CHECK(contents.size() == 2 * k_page_size);
    g_budget.limit = k_plenty;
}

TEST_CASE("running out of heap is enospc too") {
    Contents contents(g_budget);
    host::limit_allocations(0);
    CHECK(contents.write(bytes("y"), 1ULL << 40).error() == Errno::enospc);
    host::unlimited_memory();
    CHECK(contents.size() == 0);
    CHECK(contents.write(bytes("y"), 1ULL << 40).value() == 1);
}

TEST_CASE("a mapped page is the file's own and outlives its cutting off") {
    Contents contents(g_budget);
    REQUIRE(contents.write(bytes(std::string(5000, 'i')), 0).ok());
    const PhysAddr frame = contents.map_page(4096).value();
    CHECK(tmpfs::page_bytes(frame)[0] == 'i');
    tmpfs::page_bytes(frame)[1] = 'M';
    CHECK(read(contents, 4096, 3) == "iMi");
    CHECK(contents.map_page(4096).value() == frame);
    CHECK(contents.map_page(8192).error() == Errno::eio);
    REQUIRE(contents.resize(0).ok());
    CHECK(host::living_pages == 1);
    tmpfs::page_bytes(frame)[2] = 'L'; // still there for the mappings
    contents.unmap_page(4096, frame);
    CHECK(host::living_pages == 1);
    contents.unmap_page(4096, frame);
    CHECK(host::living_pages == 0);
}

TEST_CASE("holes and data are told apart") {
    Contents contents(g_budget);
    REQUIRE(contents.write(bytes("x"), 10 * k_page_size).ok());
    std::uint64_t found = 0;
    CHECK(contents.next_data(0, found));
    CHECK(found == 10 * k_page_size);
    CHECK(contents.next_hole(0) == 0);
    CHECK(contents.next_hole(10 * k_page_size) == 10 * k_page_size + 1);
    REQUIRE(contents.punch_hole(10 * k_page_size, k_page_size).ok());
    CHECK_FALSE(contents.next_data(0, found));
    CHECK(g_budget.used == 0);
}

// Every operation beside a plain string that does the same.
TEST_CASE("random operations agree with a string") {
    std::mt19937 random(7);
    const auto below = [&random](std::uint64_t limit) { return random() % limit; };
    for (int round = 0; round < 20; ++round) {
        std::string expected(below(20000), '\0');
        for (char& c : expected)
            c = static_cast<char>('a' + below(26));
        Contents contents(g_budget);
        REQUIRE(contents.write(bytes(expected), 0).value() == expected.size());
        for (int step = 0; step < 200; ++step) {
            const std::uint64_t offset = below(40000);
            const std::uint64_t size = below(9000) + 1;
            switch (below(4)) {
            case 0: {
                const std::string data(size, static_cast<char>('A' + below(26)));
                REQUIRE(contents.write(bytes(data), offset).value() == size);
                if (expected.size() < offset + size)
                    expected.resize(offset + size);
                expected.replace(offset, size, data);
                break;
            }
            case 1:
                REQUIRE(contents.resize(offset).ok());
                expected.resize(offset);
                break;
            case 2:
                REQUIRE(contents.punch_hole(offset, size).ok());
                for (std::uint64_t i = offset; i < offset + size && i < expected.size(); ++i)
                    expected[i] = '\0';
                break;
            default:
                REQUIRE(read(contents, offset, size) ==
                        (offset < expected.size() ? expected.substr(offset, size) : ""));
            }
            REQUIRE(contents.size() == expected.size());
        }
        REQUIRE(read(contents, 0, expected.size() + 10) == expected);
    }
    CHECK(host::living_pages == 0);
}
