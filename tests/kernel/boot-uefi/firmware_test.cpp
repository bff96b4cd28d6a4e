#include <cstring>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <boot-uefi/console_line.hpp>
#include <boot-uefi/load_options.hpp>
#include <boot-uefi/memory_map.hpp>

using namespace os::boot_uefi;

namespace {

// A firmware whose memory map changes when it is told of the end, as often as it is told to.
struct FakeFirmware {
    std::uint64_t map_size = 40 * 10;
    std::uint64_t descriptor_size = 40;
    std::uint64_t key = 1;
    unsigned changes = 0;
    std::uint64_t growth = 0; // of the map, with each change
    std::string calls;
    std::u16string shown;
};
FakeFirmware g_firmware;

UNIK_EFI_CALL Status get_memory_map(std::uint64_t* size, void* map, std::uint64_t* key,
                                    std::uint64_t* descriptor_size, std::uint32_t*) {
    g_firmware.calls += 'm';
    const bool fits = *size >= g_firmware.map_size;
    *size = g_firmware.map_size;
    *descriptor_size = g_firmware.descriptor_size;
    if (!fits)
        return k_buffer_too_small;
    if (map != nullptr)
        std::memset(map, 0x5a, g_firmware.map_size);
    *key = g_firmware.key;
    return k_success;
}

UNIK_EFI_CALL Status exit_boot_services(Handle image, std::uint64_t key) {
    g_firmware.calls += 'e';
    REQUIRE(image == &g_firmware);
    if (g_firmware.changes > 0) {
        --g_firmware.changes;
        ++g_firmware.key;
        g_firmware.map_size += g_firmware.growth;
        return k_invalid_parameter;
    }
    return key == g_firmware.key ? k_success : k_invalid_parameter;
}

UNIK_EFI_CALL Status output_string(TextOutput*, const char16_t* text) {
    g_firmware.shown += text;
    return k_success;
}

BootServices services() {
    BootServices out{};
    out.get_memory_map = get_memory_map;
    out.exit_boot_services = exit_boot_services;
    return out;
}

struct Left {
    Status status;
    MemoryMap map;
};

Left leave(std::uint64_t room) {
    std::vector<std::uint8_t> buffer(room);
    MemoryMap map;
    map.start = reinterpret_cast<std::uint64_t>(buffer.data());
    const Status status = leave_firmware(services(), &g_firmware, room, map);
    return {status, map};
}

std::string options_of(const std::u16string& options, std::size_t room = 100) {
    std::vector<char> out(room, '#');
    read_load_options(options.data(), options.size() * 2, out.data(), room);
    return out.data();
}

} // namespace

TEST_CASE("room is made for a memory map that grows until it is read") {
    g_firmware = {};
    g_firmware.descriptor_size = 48;
    const std::uint64_t room = map_room(services());
    CHECK(room >= 400 + 8 * 48);
    CHECK(g_firmware.calls == "m");
    g_firmware.descriptor_size = 1ULL << 62;
    CHECK(map_room(services()) == 0);
    g_firmware = {};
    g_firmware.map_size = 1ULL << 40;
    CHECK(map_room(services()) == 0);
    g_firmware.map_size = 0; // and so no error
    BootServices silent = services();
    CHECK(map_room(silent) == 0);
}

TEST_CASE("the firmware is left with the map as it is") {
    g_firmware = {};
    const Left left = leave(1000);
    CHECK(left.status == k_success);
    CHECK(left.map.size == 400);
    CHECK(left.map.descriptor_size == 40);
    CHECK(g_firmware.calls == "me");
}

TEST_CASE("a map that changes meanwhile is read anew, with nothing called in between") {
    g_firmware = {};
    g_firmware.changes = 1;
    g_firmware.growth = 80;
    const Left left = leave(1000);
    CHECK(left.status == k_success);
    CHECK(left.map.size == 480);
    CHECK(g_firmware.calls == "meme");
}

TEST_CASE("a firmware that never lets go is given up") {
    g_firmware = {};
    g_firmware.changes = 1000;
    CHECK(leave(1000).status == k_invalid_parameter);
    CHECK(g_firmware.calls.size() < 40);
    g_firmware = {};
    g_firmware.changes = 1;
    g_firmware.growth = 10'000;
    CHECK(leave(1000).status == k_buffer_too_small);
    CHECK(g_firmware.calls == "mem");
}

TEST_CASE("load options that are text become the command line") {
    CHECK(options_of(u"") == "");
    CHECK(options_of(u"unik.arg=one two") == "unik.arg=one two");
    CHECK(options_of(std::u16string(u"one\0two", 7)) == "one");
    CHECK(options_of(u"caf\u00e9 \u20ac \U0001f600") ==
          "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80");
    char none[4] = {'#'};
    read_load_options(nullptr, 100, none, sizeof none);
    CHECK(none[0] == '\0');
    // An odd byte at the end is no character.
    char odd[4];
    read_load_options(u"ab", 3, odd, sizeof odd);
    CHECK(std::string(odd) == "a");
}

TEST_CASE("load options that are no text are left out") {
    CHECK(options_of(u"one\u0001two") == "");
    CHECK(options_of(u"\xfffe") == "");
    CHECK(options_of({0xd83d, u'x'}) == "");
    CHECK(options_of({u'a', 0xd83d}) == "");
    CHECK(options_of({u'a', 0xde00}) == "");
}

TEST_CASE("load options are cut off between characters") {
    CHECK(options_of(u"abcdef", 4) == "abc");
    CHECK(options_of(u"ab\u20accd", 5) == "ab");
    CHECK(options_of(u"ab\u20accd", 6) == "ab\xe2\x82\xac");
    CHECK(options_of(u"abcdef\u0001", 4) == "");
}

TEST_CASE("a refusal names its reason and the firmware's error on one line") {
    g_firmware = {};
    TextOutput output{nullptr, output_string};
    SystemTable system{};
    system.output = &output;
    CHECK(refuse(system, "no memory", k_error | 9) == (k_error | 9));
    CHECK(g_firmware.shown == u"unik: cannot start: no memory (EFI error 9)\r\n");
    g_firmware.shown.clear();
    Line().text(std::string(500, 'x').c_str()).text("\n").number(UINT64_MAX).show(system);
    CHECK(g_firmware.shown == std::u16string(160, u'x') + u"\r\n");
    g_firmware.shown.clear();
    Line().text("a\x80\n").number(10203).show(system);
    CHECK(g_firmware.shown == u"a??10203\r\n");
    system.output = nullptr;
    CHECK(refuse(system, "nobody sees it", k_error | 1) == (k_error | 1));
}
