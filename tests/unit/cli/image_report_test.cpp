// image.json comes from outside: whatever it holds, a report is text without control characters.
#include <doctest/doctest.h>

#include <cli/image_report.hpp>

using namespace unik::cli;
using nlohmann::json;

namespace {

bool is_clean(const std::string& text) {
    for (const char c : text)
        if ((static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f)
            return false;
    return true;
}

} // namespace

TEST_CASE("a record of any shape makes a report") {
    const json k_values[] = {nullptr,
                             true,
                             -1,
                             18446744073709551615ULL,
                             1e300,
                             "\x1b[31m\nx",
                             json::array(),
                             json::object(),
                             json::array({nullptr, 1, json::array({json::array()}), "\x1b"}),
                             json::object({{"size", "x"}, {"reasons", 1}, {"\x1b", "\x1b"}})};
    for (const char* key : {"name", "version", "language", "base", "args", "memory", "expose",
                            "components", "syscalls", "layout", "files", "digests"}) {
        for (const json& value : k_values) {
            CAPTURE(key);
            const json document{{key, value}};
            CHECK(is_clean(inspection(document)));
            CHECK(is_clean(explanation(document)));
        }
    }
    for (const json& value : k_values) {
        CHECK(is_clean(inspection(value)));
        CHECK(is_clean(explanation(value)));
    }
}

TEST_CASE("elements of lists may have any shape too") {
    for (const char* key : {"components", "expose", "layout", "files"}) {
        const json document{{key, json::array({1, "x", nullptr, json::array(), json::object()})}};
        CHECK(is_clean(inspection(document)));
        CHECK(is_clean(explanation(document)));
    }
    const json calls{{"present", json::array({1, nullptr})},
                     {"absent", json::array({1, json::object()})},
                     {"undetermined_sites", json::array({1, "x"})}};
    CHECK(is_clean(inspection(json{{"syscalls", calls}})));
}

TEST_CASE("a report shows components with size and reasons") {
    const json document{
        {"name", "web"},
        {"components", json::array({{{"name", "tmpfs"},
                                     {"layer", "services"},
                                     {"size", 2048U},
                                     {"reasons", json::array({"the root", "required by 'x'"})}}})}};
    CHECK(inspection(document).find(
              "tmpfs            services    2.0 KiB  the root (and 1 more)") != std::string::npos);
    CHECK(explanation(document).find("tmpfs (services, 2.0 KiB)\n  because the root\n") !=
          std::string::npos);
}
