// Firmware's words and the guest's own on one port.
#include <machine/firmware_words.hpp>

#include <string>

#include <doctest/doctest.h>

namespace unik::machine::test {
namespace {

const std::string k_mark(k_guest_mark);

TEST_CASE("where no firmware is expected to talk everything is the guest's") {
    FirmwareWords words(FirmwareWords::Expected::no);
    CHECK(words.pass("hello " + k_mark) == "hello " + k_mark);
    CHECK(words.take_rest().empty());
}

TEST_CASE("what comes before the mark is the firmware's, what comes behind it the guest's") {
    FirmwareWords words(FirmwareWords::Expected::yes);
    CHECK(words.pass("BdsDxe: loading\r\n").empty());
    CHECK(words.pass("unik: starting\n" + k_mark + "hello\n") == "hello\n");
    CHECK(words.pass(k_mark) == k_mark);
    CHECK(words.take_rest().empty());
}

TEST_CASE("a mark that comes in pieces is found") {
    FirmwareWords words(FirmwareWords::Expected::yes);
    std::string own;
    for (const char c : "noise" + k_mark + "ok")
        own += words.pass(std::string_view(&c, 1));
    CHECK(own == "ok");
}

TEST_CASE("without a mark the last words are there to be shown, and bounded") {
    FirmwareWords words(FirmwareWords::Expected::yes);
    for (int i = 0; i < 100; ++i)
        CHECK(words.pass(std::string(16384, 'a')).empty());
    CHECK(words.pass("no boot device\n").empty());
    const std::string rest = words.take_rest();
    CHECK(rest.size() <= 128 * 1024 + 16);
    CHECK(rest.ends_with("no boot device\n"));
}

} // namespace
} // namespace unik::machine::test
