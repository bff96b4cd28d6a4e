#include <string>
#include <string_view>
#include <vector>

#include <configuration/records.hpp>
#include <doctest/doctest.h>

namespace {

// The records, each closed by '|'.
std::string records(std::string_view line) {
    const os::StringView view(line.data(), line.size());
    std::vector<std::uint8_t> out(os::configuration::records_size(view));
    const os::Bytes filled = os::configuration::write_records(view, {out.data(), out.size()});
    CHECK(filled.size() == out.size());
    std::string text(filled.begin(), filled.end());
    for (char& c : text)
        c = c == '\0' ? '|' : c;
    return text;
}

} // namespace

TEST_CASE("words for us become records, others do not") {
    CHECK(records("quiet unik.console=serial root=/dev/vda unik.arg=-v") ==
          "console=serial|arg=-v|");
    CHECK(records("").empty());
    CHECK(records("   unikarg=1 xunik.arg=2 unik unik").empty());
}

TEST_CASE("double quotes keep spaces within a word and are left out") {
    CHECK(records(R"(unik.arg="two words" "unik.env=A=b c")") == "arg=two words|env=A=b c|");
    CHECK(records(R"(unik.arg="" unik.arg=x"y z"w)") == "arg=|arg=xy zw|");
}

TEST_CASE("a quote that is not closed takes the rest of the line") {
    CHECK(records(R"(unik.arg="a unik.arg=b)") == "arg=a unik.arg=b|");
}

TEST_CASE("the prefix alone is a record without a key") {
    CHECK(records("unik.") == "|");
}
