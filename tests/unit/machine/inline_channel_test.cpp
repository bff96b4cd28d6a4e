// Output and events on one serial port.
#include <machine/inline_channel.hpp>

#include <string>

#include <doctest/doctest.h>

namespace unik::machine::test {
namespace {

TEST_CASE("events are taken out of the output that they stand in") {
    InlineChannel channel;
    const auto parts =
        channel.split("one\n\x1e{\"event\":\"a\"}\ntwo\x1e{\"event\":\"b\"}\n three");
    CHECK(parts.output == "one\ntwo three");
    CHECK(parts.events == "{\"event\":\"a\"}\n{\"event\":\"b\"}\n");
}

TEST_CASE("an event that comes in pieces is whole at the end") {
    InlineChannel channel;
    std::string output;
    std::string events;
    for (const char c : std::string("a\x1e{}\nb\x1e{\"event\":1}\n")) {
        const auto parts = channel.split(std::string_view(&c, 1));
        output += parts.output;
        events += parts.events;
    }
    CHECK(output == "ab");
    CHECK(events == "{}\n{\"event\":1}\n");
}

TEST_CASE("output without events passes as it is") {
    InlineChannel channel;
    const std::string bytes("\0\n\xff binary\n", 11);
    CHECK(channel.split(bytes).output == bytes);
    CHECK(channel.split("").events.empty());
}

} // namespace
} // namespace unik::machine::test
