#include <cstdint>
#include <cstdio>
#include <string>

#include <doctest/doctest.h>
#include <foundation/format.hpp>

namespace {

template <typename... Arguments>
std::string formatted(const char* pattern, Arguments... arguments) {
    char buffer[256];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
    const std::size_t size = os::format(buffer, sizeof(buffer), pattern, arguments...);
#pragma GCC diagnostic pop
    return {buffer, size};
}

template <typename... Arguments>
void check_as_libc(const char* pattern, Arguments... arguments) {
    char expected[256];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
    std::snprintf(expected, sizeof(expected), pattern, arguments...);
#pragma GCC diagnostic pop
    CHECK(formatted(pattern, arguments...) == expected);
}

} // namespace

TEST_CASE("numbers come out as the C library writes them") {
    for (const int value : {0, 7, -7, 2147483647, -2147483647 - 1}) {
        for (const char* pattern : {"%d", "%i", "%5d|", "%-5d|", "%05d", "%x", "%u", "%08x"})
            check_as_libc(pattern, value);
    }
    for (const long value : {0L, -1L, INT64_MAX, INT64_MIN}) {
        for (const char* pattern : {"%ld", "%lu", "%lx", "%zu", "%016lx", "%-22ld|", "%lld"})
            check_as_libc(pattern, value);
    }
    check_as_libc("%hhd %hd %hhu %hu", 300, 70000, 300, 70000);
    check_as_libc("%p", reinterpret_cast<void*>(0xffff800000001000));
}

TEST_CASE("text is padded, cut off and bounded") {
    check_as_libc("%s|%5s|%-5s|%.2s", "abc", "abc", "abc", "abc");
    check_as_libc("%*d|%-*s|", 6, 42, 8, "left");
    check_as_libc("%c%%%c", 'a', 'b');
    const char unterminated[3] = {'x', 'y', 'z'};
    CHECK(formatted("%.*s", 3, unterminated) == "xyz");
    CHECK(formatted("%.*s", 0, unterminated) == "");
    const char* volatile nothing = nullptr; // volatile: the compiler would warn of it
    CHECK(formatted("%s", static_cast<const char*>(nothing)) == "(null)");
}

TEST_CASE("what does not fit is cut off and never written") {
    char buffer[8] = "#######";
    CHECK(os::format(buffer, 5, "%s", "too long") == 4);
    CHECK(std::string(buffer) == "too ");
    CHECK(buffer[5] == '#');
    CHECK(os::format(buffer, 1, "%d", 12345) == 0);
    CHECK(buffer[0] == '\0');
    buffer[0] = '#';
    CHECK(os::format(buffer, 0, "%d", 12345) == 0);
    CHECK(buffer[0] == '#');
    CHECK(os::format(buffer, sizeof(buffer), "%999999999d", 1) == 7);
}

TEST_CASE("a pattern that ends in the middle of a directive ends the text") {
    const char* cut = "a%-0";
    CHECK(formatted(cut) == "a");
}
