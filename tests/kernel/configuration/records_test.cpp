#include <string>
#include <string_view>
#include <vector>

#include <configuration/records.hpp>
#include <doctest/doctest.h>

namespace {

using os::configuration::count;
using os::configuration::Counts;
using os::configuration::find_setting;
using os::configuration::merge;

os::Bytes bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

struct Merged {
    std::vector<std::string> arguments;
    std::vector<std::string> variables;
};

Merged merged(std::string_view built_in, std::string_view override) {
    const Counts most = count(bytes(built_in), bytes(override));
    std::vector<const char*> arguments(most.arguments + 1);
    std::vector<const char*> variables(most.variables + 1);
    const Counts used =
        merge(bytes(built_in), bytes(override), os::Span(arguments.data(), most.arguments),
              os::Span(variables.data(), most.variables));
    return {{arguments.begin(), arguments.begin() + static_cast<long>(used.arguments)},
            {variables.begin(), variables.begin() + static_cast<long>(used.variables)}};
}

using namespace std::string_view_literals;
using Texts = std::vector<std::string>;

} // namespace

TEST_CASE("without an override the built-in records stand") {
    const Merged result = merged("arg=server\0arg=-p\0arg=\0env=A=1\0"sv, "");
    CHECK(result.arguments == Texts{"server", "-p", ""});
    CHECK(result.variables == Texts{"A=1"});
}

TEST_CASE("arguments of the override replace all but the program's name") {
    const Merged result = merged("arg=server\0arg=-p\0arg=80\0"sv, "arg=-v\0arg=-q\0"sv);
    CHECK(result.arguments == Texts{"server", "-v", "-q"});
    CHECK(merged("", "arg=a\0arg=b\0"sv).arguments == Texts{"a", "b"});
}

TEST_CASE("fixed arguments stay whatever the override says") {
    const std::string_view built_in = "arg=python\0fixed=-I\0fixed=/app/main.py\0arg=80\0"sv;
    CHECK(merged(built_in, "").arguments == Texts{"python", "-I", "/app/main.py", "80"});
    CHECK(merged(built_in, "arg=81\0arg=-v\0"sv).arguments ==
          Texts{"python", "-I", "/app/main.py", "81", "-v"});
    CHECK(merged(built_in, "fixed=-c\0"sv).arguments ==
          Texts{"python", "-I", "/app/main.py", "80"});
    CHECK(merged("arg=python\0fixed=/app/main.py\0"sv, "arg=x\0"sv).arguments ==
          Texts{"python", "/app/main.py", "x"});
}

TEST_CASE("variables of the override replace by name and add") {
    const Merged result =
        merged("env=PATH=/bin\0env=PATHS=x\0"sv, "env=PATH=\0env=NEW=a=b\0env=BARE\0"sv);
    CHECK(result.variables == Texts{"PATH=", "PATHS=x", "NEW=a=b", "BARE"});
}

TEST_CASE("the last setting wins, the override's before the built-in one") {
    const auto setting = [](std::string_view built_in, std::string_view override) {
        const os::StringView value = find_setting(bytes(built_in), bytes(override), "console");
        return std::string(value.data() == nullptr ? "" : value.data(), value.size());
    };
    CHECK(setting("console=serial\0console=split\0"sv, "") == "split");
    CHECK(setting("console=split\0"sv, "console=serial\0"sv) == "serial");
    CHECK(setting("consoles=split\0xconsole=split\0console\0"sv, "") == "");
}

TEST_CASE("records of strangers are harmless") {
    for (const std::string_view list :
         {""sv, "\0"sv, "\0\0\0"sv, "arg"sv, "arg=cut"sv, "=\0"sv, "arg\0env\0=arg=\0"sv}) {
        const Merged result = merged(list, list);
        CHECK(result.arguments.empty());
        CHECK(result.variables.empty());
    }
}
