#include <cstring>

#include <doctest/doctest.h>
#include <sockets/address.hpp>
#include <sockets/options.hpp>

using os::sockets::format_endpoint;
using os::sockets::k_family_inet;
using os::sockets::k_family_inet6;
using os::sockets::parse_endpoint;
using os::sockets::SocketAddress;

namespace {
template <std::size_t N>
SocketAddress address(const std::uint8_t (&bytes)[N]) {
    return SocketAddress::from(os::Bytes(bytes)).value();
}
} // namespace

TEST_CASE("an IPv4 address goes in and comes out the same") {
    const std::uint8_t bytes[16] = {2, 0, 0x1f, 0x90, 10, 0, 2, 15};
    const auto endpoint = parse_endpoint(address(bytes), k_family_inet);
    REQUIRE(endpoint.ok());
    CHECK(endpoint.value().port == 8080);
    const SocketAddress back = format_endpoint(endpoint.value(), k_family_inet);
    CHECK(back.size == 16);
    CHECK(std::memcmp(back.bytes, bytes, 16) == 0);
    char text[32];
    os::sockets::describe_address(endpoint.value().address, text, sizeof text);
    CHECK(std::strcmp(text, "10.0.2.15") == 0);
}

TEST_CASE("an IPv6 address goes in and comes out the same") {
    std::uint8_t bytes[28] = {10, 0, 0, 80};
    bytes[8] = 0xfd;
    bytes[23] = 1;
    const auto endpoint = parse_endpoint(address(bytes), k_family_inet6);
    REQUIRE(endpoint.ok());
    CHECK(endpoint.value().port == 80);
    const SocketAddress back = format_endpoint(endpoint.value(), k_family_inet6);
    CHECK(back.size == 28);
    CHECK(std::memcmp(back.bytes, bytes, 28) == 0);
}

TEST_CASE("IPv4 mapped into IPv6 is IPv4, and is mapped again when shown") {
    std::uint8_t bytes[28] = {10, 0, 0, 80};
    bytes[18] = bytes[19] = 0xff;
    bytes[20] = 127;
    bytes[23] = 1;
    const auto endpoint = parse_endpoint(address(bytes), k_family_inet6);
    REQUIRE(endpoint.ok());
    CHECK(IP_IS_V4_VAL(endpoint.value().address));
    const SocketAddress back = format_endpoint(endpoint.value(), k_family_inet6);
    CHECK(std::memcmp(back.bytes, bytes, 28) == 0);
}

TEST_CASE("short addresses and other families are refused") {
    const std::uint8_t inet[16] = {2, 0, 0, 80};
    const std::uint8_t shorter[8] = {2, 0, 0, 80};
    const std::uint8_t inet6[28] = {10, 0, 0, 80};
    CHECK(parse_endpoint(address(shorter), k_family_inet).error() == os::Errno::einval);
    CHECK(parse_endpoint(address(inet6), k_family_inet).error() == os::Errno::eafnosupport);
    CHECK(parse_endpoint(address(inet), k_family_inet6).error() == os::Errno::einval);
    CHECK(parse_endpoint(SocketAddress{}, k_family_inet).error() == os::Errno::einval);
    CHECK(SocketAddress{}.family() == 0);
    const std::uint8_t large[200] = {};
    CHECK_FALSE(SocketAddress::from(os::Bytes(large)).ok());
}

TEST_CASE("options are kept, and only those that a socket has") {
    using os::sockets::OptionValues;
    using os::sockets::Protocol;
    OptionValues options;
    CHECK(options.get(Protocol::tcp, 6, 1).value() == 0);
    REQUIRE(options.set(Protocol::tcp, 6, 1, 1).ok());
    CHECK(options(os::sockets::TcpOption::no_delay) == 1);
    CHECK(options.get(Protocol::udp, 6, 1).error() == os::Errno::enoprotoopt);
    CHECK(options.set(Protocol::local, 0, 2, 5).error() == os::Errno::enoprotoopt);
    CHECK(options.get(Protocol::tcp, 1, 9999).error() == os::Errno::enoprotoopt);
}
