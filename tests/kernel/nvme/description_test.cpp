#include <cstring>
#include <random>
#include <vector>

#include <doctest/doctest.h>
#include <nvme/identify.hpp>
#include <nvme/page_list.hpp>

using os::Errno;
using os::PhysAddr;
using namespace os::nvme;

namespace {
struct Data {
    std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(4096);
    operator os::Bytes() const { return {bytes.data(), bytes.size()}; }
    template <typename T>
    Data& set(unsigned offset, T value) {
        std::memcpy(&bytes[offset], &value, sizeof value);
        return *this;
    }
};
Data good_controller() {
    return Data().set<std::uint8_t>(512, 0x66).set<std::uint8_t>(513, 0x44).set(516, 3U);
}
Data good_namespace(std::uint64_t sectors, unsigned exponent) {
    return Data().set(0, sectors).set<std::uint8_t>(130, static_cast<std::uint8_t>(exponent));
}
} // namespace

TEST_CASE("the capabilities say how large and how slow") {
    const auto found = parse_capabilities(0x0f0107ff, 0x00000023).value();
    CHECK(found.most_entries == 2048);
    CHECK(found.ready_milliseconds == 8000);
    CHECK(found.doorbell_stride == 32);
    CHECK(found.commands_doorbell(1) == 0x1000 + 64);
    CHECK(found.completions_doorbell(1) == 0x1000 + 96);
    CHECK(parse_capabilities(0xff0007ff, 0x20).value().ready_milliseconds == 30'000);
}

TEST_CASE("a controller that cannot be driven is refused") {
    CHECK(parse_capabilities(0x0f000000, 0x20).error() == Errno::enodev);    // one entry
    CHECK(parse_capabilities(0x0f0007ff, 0x00).error() == Errno::enodev);    // other commands
    CHECK(parse_capabilities(0x0f0007ff, 0x10020).error() == Errno::enodev); // larger pages
    CHECK(parse_capabilities(0xffffffff, 0xffffffff).error() == Errno::enodev);
    CHECK(parse_capabilities(0, 0).error() == Errno::enodev);
}

TEST_CASE("a controller limits its transfers") {
    Data data = good_controller();
    CHECK(parse_controller(data).value().most_bytes == 65536);
    CHECK(parse_controller(data).value().namespaces == 3);
    CHECK_FALSE(parse_controller(data).value().write_cache);
    const std::size_t expected[] = {65536, 8192, 16384, 32768, 65536, 65536};
    for (std::uint8_t exponent = 0; exponent < 6; ++exponent)
        CHECK(parse_controller(data.set(77, exponent)).value().most_bytes == expected[exponent]);
    for (const std::uint8_t exponent : std::initializer_list<std::uint8_t>{16, 64, 255})
        CHECK(parse_controller(data.set(77, exponent)).value().most_bytes == 65536);
    CHECK(parse_controller(data.set<std::uint8_t>(512, 0x67)).error() == Errno::einval);
    CHECK(parse_controller(data.set<std::uint8_t>(512, 0x55)).error() == Errno::einval);
    CHECK(parse_controller(os::Bytes()).error() == Errno::einval);
}

TEST_CASE("a namespace has sectors of 512 to 4096 bytes and no metadata") {
    for (const unsigned exponent : {9U, 10U, 12U})
        CHECK(parse_namespace(good_namespace(1000, exponent)).value().sector_size ==
              1U << exponent);
    for (const unsigned exponent : {0U, 8U, 13U, 31U, 32U, 255U})
        CHECK(parse_namespace(good_namespace(1000, exponent)).error() == Errno::eopnotsupp);
    CHECK(parse_namespace(good_namespace(1000, 9).set<std::uint16_t>(128, 8)).error() ==
          Errno::eopnotsupp);
    CHECK(parse_namespace(good_namespace(0, 0)).value().sectors == 0);
    CHECK(parse_namespace(good_namespace(~0ULL, 9)).error() == Errno::einval);
    CHECK(parse_namespace(good_namespace(1ULL << 54, 9)).error() == Errno::einval);
}

TEST_CASE("a namespace uses the format that it names, if it has that many") {
    Data data = good_namespace(1000, 9);
    data.set<std::uint8_t>(26, 0x12).set<std::uint8_t>(138, 12);
    CHECK(parse_namespace(data).error() == Errno::einval);
    CHECK(parse_namespace(data.set<std::uint8_t>(25, 2)).value().sector_size == 4096);
    CHECK(parse_namespace(data).value().access == os::block::Access::read_write);
    CHECK(parse_namespace(data.set<std::uint8_t>(99, 1)).value().access ==
          os::block::Access::read_only);
}

TEST_CASE("random descriptions are taken or refused, and what is taken makes sense") {
    std::mt19937 random(3);
    for (int round = 0; round < 20'000; ++round) {
        Data data = good_namespace(random() % 3 == 0 ? random() : 1000, 9);
        for (const unsigned at : {25U, 26U, 99U, 128U, 130U, 134U, 7U})
            if (random() % 3 == 0)
                data.set(at, static_cast<std::uint8_t>(random()));
        const auto parsed = parse_namespace(data);
        if (!parsed.ok() || parsed.value().sectors == 0)
            continue;
        CHECK(parsed.value().sector_size >= 512);
        CHECK(parsed.value().sector_size <= 4096);
        CHECK(parsed.value().sectors <= INT64_MAX / parsed.value().sector_size);
    }
}

TEST_CASE("data is described by its pages") {
    PageList list;
    const PhysAddr at{0x9000};
    const auto check = [&](std::uint64_t address, std::size_t size, std::uint64_t second) {
        const DataPointers pointers = describe({address}, size, list, at);
        CHECK(pointers.first == address);
        CHECK(pointers.second == second);
    };
    check(0x10000, 512, 0);
    check(0x10000, 4096, 0);
    check(0x10e00, 512, 0);
    check(0x10e00, 1024, 0x11000);
    check(0x10000, 8192, 0x11000);
    check(0x10ffc, 4100, 0x11000);
    check(0x10ffc, 4101, 0x9000);
    CHECK(list.entries[0] == 0x11000);
    CHECK(list.entries[1] == 0x12000);
    check(0x10ffc, 65536, 0x9000);
    CHECK(list.entries[15] == 0x20000);
    check(0x10000, 65536, 0x9000);
    CHECK(list.entries[14] == 0x1f000);
}
