#include <string>

#include <clock/clock.hpp>
#include <control/control.hpp>
#include <doctest/doctest.h>

namespace os::clock {

Nanoseconds monotonic() {
    return {1234567};
}

} // namespace os::clock

namespace {

using os::control::Event;
using os::control::NamedValue;

std::string line_of(Event& event) {
    const os::StringView line = event.line();
    return {line.data(), line.size()};
}

} // namespace

TEST_CASE("an event carries its name, its time in microseconds and its fields") {
    Event event("panic");
    const NamedValue registers[] = {{"rip", 0x10}, {"rsp", 0}};
    const std::uint64_t callers[] = {0x10, 0xffffffff80200000};
    event.text("message", "bad \"thing\"")
        .number("code", -1)
        .hex_object("registers", registers)
        .hex_list("backtrace", callers);
    CHECK(line_of(event) ==
          "{\"event\":\"panic\",\"us\":1234,\"message\":\"bad \\\"thing\\\"\",\"code\":-1,"
          "\"registers\":{\"rip\":\"0x10\",\"rsp\":\"0x0\"},"
          "\"backtrace\":[\"0x10\",\"0xffffffff80200000\"]}\n");
}

TEST_CASE("empty lists and objects are valid, and the time can be given") {
    Event event("boot", os::Nanoseconds{5000});
    event.hex_list("none", {}).hex_object("nothing", {});
    CHECK(line_of(event) == "{\"event\":\"boot\",\"us\":5,\"none\":[],\"nothing\":{}}\n");
}

TEST_CASE("a field too long for the line is left out") {
    Event event("warning");
    const std::string huge(4000, '"');
    event.text("message", os::StringView(huge.data(), huge.size())).number("code", 3);
    CHECK(line_of(event) == "{\"event\":\"warning\",\"us\":1234,\"code\":3}\n");
}
