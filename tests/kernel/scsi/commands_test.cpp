#include <doctest/doctest.h>

#include <cstring>
#include <vector>

#include <scsi/commands.hpp>

using namespace os;
using namespace os::scsi;

namespace {

std::vector<int> bytes_of(const Command& command) {
    return {command.bytes, command.bytes + command.size};
}

template <typename... Values>
std::vector<std::uint8_t> octets(Values... values) {
    return {static_cast<std::uint8_t>(values)...};
}

Bytes view(const std::vector<std::uint8_t>& bytes) {
    return {bytes.data(), bytes.size()};
}

} // namespace

TEST_CASE("commands have the bytes of the standard") {
    std::uint8_t data[64];
    const Address address{3, 7};
    CHECK(bytes_of(test_unit_ready(address)) == std::vector<int>{0, 0, 0, 0, 0, 0});
    CHECK(bytes_of(inquiry(address, {data, 36})) == std::vector<int>{0x12, 0, 0, 0, 36, 0});
    CHECK(bytes_of(report_luns(address, {data, 16})) ==
          std::vector<int>{0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0});
    CHECK(bytes_of(mode_sense(address, {data, 4})) == std::vector<int>{0x1a, 8, 0x3f, 0, 4, 0});
    CHECK(bytes_of(read_capacity_16(address, {data, 32})) ==
          std::vector<int>{0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32, 0, 0});
    CHECK(bytes_of(synchronize_cache(address)) ==
          std::vector<int>{0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    CHECK(inquiry(address, {data, 36}).direction == Data::from_device);
    CHECK(inquiry(address, {data, 36}).address.target == 3);
    CHECK(test_unit_ready(address).direction == Data::none);
}

TEST_CASE("reads and writes take ten bytes as long as the last sector's number fits in four") {
    std::uint8_t data[512];
    CHECK(bytes_of(read_sectors({}, 0x01020304, 0x506, data)) ==
          std::vector<int>{0x28, 0, 1, 2, 3, 4, 0, 5, 6, 0});
    CHECK(bytes_of(write_sectors({}, 0xffffffff, 1, data)) ==
          std::vector<int>{0x2a, 0, 255, 255, 255, 255, 0, 0, 1, 0});
    CHECK(bytes_of(write_sectors({}, 0xffffffff, 2, data)) ==
          std::vector<int>{0x8a, 0, 0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 2, 0, 0});
    CHECK(bytes_of(read_sectors({}, 0x0102030405060708, 0xffff, data)) ==
          std::vector<int>{0x88, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 255, 255, 0, 0});
    CHECK(write_sectors({}, 0, 1, data).direction == Data::to_device);
}

TEST_CASE("what INQUIRY says decides what is a disk") {
    CHECK(parse_inquiry(view(octets(0, 0, 5, 2, 31)))->type == DeviceType::disk);
    CHECK(parse_inquiry(view(octets(5, 0x80, 5, 2, 31)))->type == DeviceType::cd);
    CHECK(parse_inquiry(view(octets(0x0d, 0, 5, 2, 31)))->type == DeviceType::other);
    CHECK(parse_inquiry(view(octets(0, 0, 5, 2, 31)))->version == 5);
    CHECK(parse_inquiry(view(octets(0, 0, 5, 2, 31)))->present);
    CHECK_FALSE(parse_inquiry(view(octets(0x7f, 0, 5, 2, 31)))->present);
    CHECK_FALSE(parse_inquiry(view(octets(0x20, 0, 5, 2, 31)))->present);
    CHECK_FALSE(parse_inquiry(view(octets(0, 0, 5, 2))).ok());
}

TEST_CASE("capacities are read in both forms") {
    const Capacity small = parse_capacity_10(view(octets(0, 0, 0x0f, 0xff, 0, 0, 2, 0))).value();
    CHECK(small.sectors == 4096);
    CHECK(small.sector_size == 512);
    CHECK(parse_capacity_10(view(octets(255, 255, 255, 255, 0, 0, 2, 0)))->sectors ==
          k_too_many_for_10);
    CHECK_FALSE(parse_capacity_10(view(octets(0, 0, 0, 1, 0, 0, 2))).ok());

    std::vector<std::uint8_t> large = octets(0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 2, 0, 0, 3);
    large.resize(32);
    const Capacity capacity = parse_capacity_16(view(large)).value();
    CHECK(capacity.sectors == 0x100000001);
    CHECK(capacity.sector_size == 512);
    CHECK(capacity.physical_sector_size == 4096);
    large[13] = 15;
    CHECK(parse_capacity_16(view(large))->physical_sector_size == 512);
    CHECK_FALSE(parse_capacity_16(Bytes(large.data(), 13)).ok());
    std::fill(large.begin(), large.begin() + 8, std::uint8_t{255});
    CHECK_FALSE(parse_capacity_16(view(large)).ok());
}

TEST_CASE("units are listed with as much as came, and only those that can be addressed") {
    std::vector<std::uint8_t> data = octets(0, 0, 0, 40, 0, 0, 0, 0);
    const auto add = [&](int first, int second, int third) {
        for (const int byte : {first, second, third, 0, 0, 0, 0, 0})
            data.push_back(static_cast<std::uint8_t>(byte));
    };
    add(0, 0, 0);
    add(0, 255, 0);
    add(0x41, 0x02, 0); // flat
    add(0, 3, 1);       // a second level
    add(0xc1, 0, 0);    // a well-known unit
    std::uint16_t luns[8];
    REQUIRE(parse_luns(view(data), luns) == 3);
    CHECK(luns[0] == 0);
    CHECK(luns[1] == 255);
    CHECK(luns[2] == 0x102);
    CHECK(parse_luns(view(data), Span<std::uint16_t>(luns, 2)) == 2);
    CHECK(parse_luns(Bytes(data.data(), 23), luns) == 1);
    CHECK(parse_luns(Bytes(data.data(), 7), luns) == 0);
    std::fill(data.begin(), data.begin() + 4, std::uint8_t{255}); // a length that lies
    CHECK(parse_luns(view(data), luns) == 3);
    CHECK(luns_size(Bytes(data.data(), 3)) == 0);
}

TEST_CASE("a write-protected medium is seen in the mode header") {
    CHECK(is_write_protected(view(octets(3, 0, 0x80, 0))));
    CHECK_FALSE(is_write_protected(view(octets(3, 0, 0x10, 0))));
    CHECK_FALSE(is_write_protected(view(octets(3, 0))));
}
