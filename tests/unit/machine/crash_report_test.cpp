// From an event to what people read.
#include <doctest/doctest.h>

#include <machine/control_channel.hpp>
#include <machine/crash_report.hpp>
#include <machine/symbols.hpp>

extern "C" {
extern const char __executable_start;
int unik_test_landmark() {
    return 1;
}
}

namespace unik::machine {
namespace {

using nlohmann::json;

elf::Symbol function(std::string name, std::uint64_t address, std::uint64_t size) {
    return {std::move(name), address, size, 2, 1, 1};
}

TEST_CASE("addresses become functions of the program or the kernel") {
    const Symbols symbols({function("main", 0x401000, 0x40),
                           function("tail", 0x401100, 0),
                           function("_ZN2os5panicEPKc", 0xffffffff80001000, 0x20),
                           function("pie:run", 0x1000, 0x10),
                           {"elsewhere", 0, 0, 2, 1, 0}});
    CHECK(symbols.describe(0x401012, 0) == "main+0x12 (program)");
    CHECK(symbols.describe(0x401040, 0) == "main+0x40 (program)"); // a call at its very end
    CHECK(symbols.describe(0x401041, 0) == "?? (program)");
    CHECK(symbols.describe(0x401104, 0) == "tail+0x4 (program)");
    CHECK(symbols.describe(0xffffffff80001008, 0) == "os::panic(char const*)+0x8 (kernel)");
    CHECK(symbols.describe(0x555500001004, 0x555500000000) == "run+0x4 (program)");
    CHECK(symbols.describe(0, 0) == "?? (program)");
    CHECK(symbols.describe(~0ULL, 0) == "?? (kernel)");
    CHECK(Symbols().describe(0x401000, 0) == "?? (program)");
}

TEST_CASE("names of symbols cannot speak to the terminal, and are bounded") {
    const Symbols symbols({function("a\x1b[2J", 16, 16), function(std::string(9999, 'z'), 64, 16)});
    CHECK(symbols.describe(20, 0) == "a?[2J+0x4 (program)");
    CHECK(symbols.describe(64, 0).size() < 300);
}

TEST_CASE("a crash report says what happened, where, and gives the hint") {
    const json event{{"event", "signal"},
                     {"signal", 11},
                     {"name", "SIGSEGV"},
                     {"code", "SEGV_MAPERR"},
                     {"access", "write"},
                     {"address", "0x0"},
                     {"thread", "worker"},
                     {"hint", "the program used a null pointer"},
                     {"program_base", "0x0"},
                     {"registers", {{"rip", "0x401136"}, {"rax", "0x0"}}},
                     {"backtrace", {"0x401136", "0x401200"}}};
    CHECK(crash_report(event, "/absent") ==
          "the program was ended by SIGSEGV (SEGV_MAPERR): a write to 0x0, in the thread "
          "'worker'\n"
          "  backtrace:\n"
          "    #0  0x0000000000401136  ?? (program)\n"
          "    #1  0x0000000000401200  ?? (program)\n"
          "  registers:\n"
          "    rip    0x0000000000401136  rax    0x0000000000000000\n"
          "  hint: the program used a null pointer\n");
}

TEST_CASE("the functions of this very program are found in its file") {
    const auto symbols = Symbols::load("/proc/self/exe");
    REQUIRE(symbols.ok());
    const auto here = reinterpret_cast<std::uint64_t>(&unik_test_landmark);
    const auto base = reinterpret_cast<std::uint64_t>(&__executable_start);
    CHECK(symbols->describe(here - base, 0) == "unik_test_landmark+0x0 (program)");
}

TEST_CASE("out of memory and panic have reports of their own") {
    CHECK(
        crash_report({{"event", "out-of-memory"}, {"resident_pages", 2560}, {"total_pages", 4096}},
                     "/absent")
            .starts_with("the guest ran out of memory: the program holds 10.0 MiB of the "
                         "machine's 16.0 MiB\n"));
    CHECK(crash_report({{"event", "out-of-memory"},
                        {"users", {{"[heap]", "0x100"}, {"tmpfs", "0x200"}, {"x\n", "odd"}}}},
                       "/absent")
              .find("  memory is held by:\n"
                    "       2.0 MiB  tmpfs\n"
                    "       1.0 MiB  [heap]\n") != std::string::npos);
    CHECK(crash_report({{"event", "panic"}, {"message", "no frames"}}, "/absent")
              .starts_with("the library OS panicked: no frames\n"));
    CHECK(crash_report({{"event", "boot"}}, "/absent").empty());
}

TEST_CASE("a hostile event gives a short report and no harm") {
    json event{{"event", "signal"}, {"signal", "eleven"},  {"name", std::string(100'000, 'n')},
               {"address", {1, 2}}, {"registers", {1, 2}}, {"backtrace", json::array()},
               {"users", {1, 2}}};
    for (int i = 0; i < 10'000; ++i)
        event["backtrace"].push_back("0xffffffffffffffff");
    CHECK(crash_report(event, "/absent").size() < 10'000);
    event["backtrace"] = {"0x10000000000000000", "zzz"};
    event["program_base"] = -1;
    CHECK(crash_report(event, "/absent").size() < 10'000);
}

TEST_CASE("control characters of every sort are replaced") {
    CHECK(without_control_characters("a\tb\x7f\xc2\x9b\xe2\x80\xae\xe2\x81\xa6z") == "a?b????z");
    CHECK(without_control_characters("Grüße €") == "Grüße €");
    CHECK(without_control_characters("") == "");
}

TEST_CASE("lines come together from pieces of any size") {
    std::vector<json> events;
    ControlChannel channel([&](json event) { events.push_back(std::move(event)); });
    const std::string text =
        "{\"event\":\"a\"}\r\n\n{\"event\":\"b\",\"x\":{\"y\":[\"\\u0000\"]}}\n";
    for (const char c : text)
        channel.feed(std::string_view(&c, 1));
    REQUIRE(events.size() == 2);
    CHECK(events[0]["event"] == "a");
    CHECK(events[1]["x"]["y"][0] == "?");
}

} // namespace
} // namespace unik::machine
