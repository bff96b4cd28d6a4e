#include <doctest/doctest.h>

#include <cli/terminal.hpp>

using namespace unik::cli;

TEST_CASE("words are wrapped at the width, and a longer word has a line of its own") {
    CHECK(wrapped("one two three", 2, 9) == "  one two\n  three\n");
    CHECK(wrapped("one  two\nthree", 0, 80) == "one two three\n");
    CHECK(wrapped("a incomprehensible b", 2, 8) == "  a\n  incomprehensible\n  b\n");
    CHECK(wrapped("", 2, 10) == "  \n");
    CHECK(wrapped("exactly", 0, 7) == "exactly\n");
    CHECK(wrapped("ab cd", 40, 10) ==
          std::string(40, ' ') + "ab\n" + std::string(40, ' ') + "cd\n");
}

TEST_CASE("control characters of foreign text do not reach the terminal") {
    CHECK(printable("a\x1b[31mb\r\n\x7f") == "a [31mb   ");
    CHECK(printable("grün ✓") == "grün ✓");
}

TEST_CASE("without a terminal nothing is tinted") {
    set_no_color();
    CHECK(tinted(Tint::red, "error") == "error");
}
