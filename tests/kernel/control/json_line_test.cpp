#include <random>
#include <string>

#include <control/json_line.hpp>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace {

using os::control::JsonLine;

std::string line_with(std::string_view text) {
    JsonLine json;
    json.key("key");
    json.quoted(os::StringView(text.data(), text.size()));
    const os::StringView line = json.close();
    return {line.data(), line.size()};
}

} // namespace

TEST_CASE("what JSON reserves is escaped") {
    CHECK(line_with("a\"b\\c\nd\te\x7f") == "{\"key\":\"a\\\"b\\\\c\\u000ad\\u0009e\\u007f\"}\n");
}

TEST_CASE("well-formed UTF-8 passes, other bytes are escaped one by one") {
    CHECK(line_with("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\xa7") ==
          "{\"key\":\"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x90\xa7\"}\n");
    CHECK(line_with("\xc3") == "{\"key\":\"\\u00c3\"}\n");
    CHECK(line_with("\xc0\x80") == "{\"key\":\"\\u00c0\\u0080\"}\n");
    CHECK(line_with("\xed\xa0\x80") == "{\"key\":\"\\u00ed\\u00a0\\u0080\"}\n"); // a surrogate
    CHECK(line_with("\xf4\x90\x80\x80x") == "{\"key\":\"\\u00f4\\u0090\\u0080\\u0080x\"}\n");
}

TEST_CASE("any bytes make a line that a JSON parser takes") {
    std::mt19937 random(3);
    for (unsigned round = 0; round < 2000; ++round) {
        std::string text(random() % 40, '\0');
        for (char& character : text)
            character = static_cast<char>(random());
        const nlohmann::json parsed = nlohmann::json::parse(line_with(text), nullptr, false);
        CHECK_FALSE(parsed.is_discarded());
    }
}

TEST_CASE("a field that does not fit is taken back and the line still closes") {
    JsonLine json;
    json.key("first");
    json.number(INT64_MIN);
    json.key("address");
    json.hex(UINT64_MAX);
    const JsonLine::Mark mark = json.mark();
    const std::string huge(5000, 'x');
    json.key("huge");
    json.quoted(os::StringView(huge.data(), huge.size()));
    CHECK_FALSE(json.keep(mark));
    const JsonLine::Mark after = json.mark();
    json.key("last");
    json.number(1);
    CHECK(json.keep(after));
    const os::StringView line = json.close();
    CHECK(std::string(line.data(), line.size()) ==
          "{\"first\":-9223372036854775808,\"address\":\"0xffffffffffffffff\",\"last\":1}\n");
}
