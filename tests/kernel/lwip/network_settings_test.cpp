#include "lwip/network_settings.hpp"

#include <vector>

#include <doctest/doctest.h>

using os::lwip::Ip6Settings;
using os::lwip::parse_ip4_settings;
using os::lwip::parse_ip6_settings;

TEST_CASE("IPv4 is asked for by DHCP unless an address is given") {
    CHECK(parse_ip4_settings("").value().dhcp);
    CHECK(parse_ip4_settings("dhcp").value().dhcp);
    const auto fixed = parse_ip4_settings("192.168.7.20/24,192.168.7.1,9.9.9.9");
    REQUIRE(fixed.ok());
    CHECK_FALSE(fixed.value().dhcp);
    CHECK(fixed.value().address.addr == PP_HTONL(LWIP_MAKEU32(192, 168, 7, 20)));
    CHECK(fixed.value().prefix == 24);
    CHECK(fixed.value().gateway.addr == PP_HTONL(LWIP_MAKEU32(192, 168, 7, 1)));
    CHECK(fixed.value().name_server.addr == PP_HTONL(LWIP_MAKEU32(9, 9, 9, 9)));
    CHECK(parse_ip4_settings("10.0.0.1/8").ok());
}

TEST_CASE("malformed IPv4 settings are refused") {
    for (const char* text :
         {"no", "10.0.0.1", "10.0.0.1/", "10.0.0.1/33", "10.0.0.1/x", "10.0.0.1/99999999999",
          "10.0.0.1/8,gateway", "/8", "10.0.0.300/8", "10.0.0.1/8,10.0.0.2,dns"})
        CHECK_FALSE(parse_ip4_settings(text).ok());
}

TEST_CASE("IPv6 is automatic, off, or an address") {
    CHECK(parse_ip6_settings("").value().mode == Ip6Settings::Mode::automatic);
    CHECK(parse_ip6_settings("auto").value().mode == Ip6Settings::Mode::automatic);
    CHECK(parse_ip6_settings("off").value().mode == Ip6Settings::Mode::off);
    const auto fixed = parse_ip6_settings("fd00::7/64,fd00::1");
    REQUIRE(fixed.ok());
    CHECK(fixed.value().mode == Ip6Settings::Mode::fixed);
    CHECK(fixed.value().has_gateway);
    CHECK(fixed.value().gateway.addr[3] == PP_HTONL(1));
    for (const char* text : {"fd00::7", "fd00::7/129", "fd00::x/64", "fd00::7/64,::g", "on"})
        CHECK_FALSE(parse_ip6_settings(text).ok());
}

TEST_CASE("the checksum agrees with adding words one by one") {
    std::vector<std::uint8_t> bytes(300);
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<std::uint8_t>(i * 89 + 200);
    for (std::size_t start = 0; start < 9; ++start)
        for (std::size_t size = 0; start + size <= bytes.size(); size += 7) {
            std::uint32_t sum = 0;
            for (std::size_t i = 0; i < size; ++i)
                sum += static_cast<std::uint32_t>(bytes[start + i]) << (8 * (i & 1));
            while (sum > 0xffff)
                sum = (sum & 0xffff) + (sum >> 16);
            REQUIRE(unik_lwip_checksum(bytes.data() + start, static_cast<int>(size)) == sum);
        }
}
