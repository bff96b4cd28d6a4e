#include <toolchain/glob.hpp>

#include <doctest/doctest.h>

#include <toolchain/ignore.hpp>

namespace {

using unik::toolchain::Glob;
using unik::toolchain::IgnoreRules;

bool matches(std::string_view pattern, std::string_view path) {
    const auto glob = Glob::compile(pattern);
    REQUIRE(glob.has_value());
    return glob->matches(path);
}

IgnoreRules rules(std::string_view text) {
    auto parsed = IgnoreRules::parse(".unikignore", text);
    REQUIRE(parsed.ok());
    return std::move(parsed).value();
}

} // namespace

TEST_CASE("a star and a question mark stay within a folder") {
    CHECK(matches("*.c", "main.c"));
    CHECK(matches("*.c", ".c"));
    CHECK_FALSE(matches("*.c", "src/main.c"));
    CHECK_FALSE(matches("*.c", "main.cc"));
    CHECK(matches("a?c", "abc"));
    CHECK_FALSE(matches("a?c", "a/c"));
    CHECK_FALSE(matches("a?c", "ac"));
    CHECK(matches("*/x", "a/x"));
    CHECK_FALSE(matches("*/x", "a/b/x"));
    CHECK(matches("a*b*c", "a1b2b3c"));
    CHECK(matches("*", ""));
}

TEST_CASE("two stars cross folders, and stand for none as well") {
    for (const char* path : {"x", "a/x", "a/b/x"})
        CHECK(matches("**/x", path));
    CHECK_FALSE(matches("**/x", "ax"));
    CHECK_FALSE(matches("**/x", "a/xy"));
    CHECK(matches("a/**", "a/b/c"));
    CHECK(matches("a/**/b", "a/b"));
    CHECK(matches("a/**/b", "a/x/y/b"));
    CHECK_FALSE(matches("a/**/b", "a/xb"));
    CHECK(matches("**/*.log", "x.log"));
    CHECK(matches("**/a/**/b", "a/a/b"));
    CHECK(matches("**", "a/b"));
    CHECK(matches("**/**/x", "x"));
}

TEST_CASE("sets and escapes") {
    CHECK(matches("[a-c]x", "bx"));
    CHECK_FALSE(matches("[a-c]x", "dx"));
    CHECK(matches("[^a-c]x", "dx"));
    CHECK_FALSE(matches("[^a]", "/"));
    CHECK(matches("[\\]]", "]"));
    CHECK(matches("\\*", "*"));
    CHECK_FALSE(matches("\\*", "a"));
    CHECK(matches("*[Mm]akefile", "GNUmakefile"));
}

TEST_CASE("what is no pattern is told") {
    for (const char* pattern : {"[", "[a", "a[", "[z-a]", "[a-", "\\", "[\\"}) {
        CAPTURE(pattern);
        CHECK_FALSE(Glob::compile(pattern).has_value());
    }
}

TEST_CASE("no pattern is slow") {
    std::string pattern;
    for (int i = 0; i < 200; ++i)
        pattern += "*a**/";
    CHECK_FALSE(matches(pattern + "b", std::string(3000, 'a')));
}

TEST_CASE("ignore rules: the last one that matches decides") {
    const auto r = rules("# comment\n*.log\n!keep.log\n\n  build  \n/docs/\n!docs/readme\r\n");
    CHECK(r.excludes("x.log"));
    CHECK_FALSE(r.excludes("keep.log"));
    CHECK_FALSE(r.excludes("sub/x.log"));
    CHECK(r.excludes("build"));
    CHECK(r.excludes("build/a/b"));
    CHECK(r.excludes("docs/x"));
    CHECK_FALSE(r.excludes("docs/readme"));
    CHECK_FALSE(r.excludes("# comment"));
    CHECK(r.has_exceptions());
    CHECK_FALSE(rules("").excludes("a"));
    CHECK_FALSE(rules("a\n").has_exceptions());
}

TEST_CASE("ignore rules: a later exclusion takes an exception back") {
    const auto r = rules("*\n!a\na\n");
    CHECK(r.excludes("a"));
    CHECK(rules("**/*.o\n").excludes("deep/er/x.o"));
}

TEST_CASE("ignore rules: every bad pattern is reported with its line") {
    const auto parsed = IgnoreRules::parse(".unikignore", "ok\n[a\n!\nfine\n\\\n");
    REQUIRE_FALSE(parsed.ok());
    const auto& found = parsed.error().diagnostics;
    REQUIRE(found.size() == 3);
    CHECK(found[0].where.line == 2);
    CHECK(found[1].where.line == 3);
    CHECK(found[2].where.line == 5);
    CHECK(found[0].id == "bad-pattern");
}
