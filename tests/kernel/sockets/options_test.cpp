#include <sockets/options.hpp>

#include <doctest/doctest.h>

using namespace os::sockets;

namespace {
constexpr int k_reuse = 2;
constexpr int k_keep_idle = 4;
constexpr int k_ttl = 2;
constexpr int k_napi = 56;
} // namespace

TEST_CASE("a switch is on or off, whatever number it is given") {
    OptionValues values;
    CHECK(values.set(Protocol::tcp, k_level_socket, k_reuse, 17).value() == 1);
    CHECK(values(SocketOption::reuse_address) == 1);
    CHECK(values.set(Protocol::tcp, k_level_socket, k_reuse, 0).value() == 0);
}

TEST_CASE("a number outside its range is refused and changes nothing") {
    OptionValues values;
    CHECK(values.set(Protocol::tcp, k_level_tcp, k_keep_idle, 0).error() == os::Errno::einval);
    CHECK(values.set(Protocol::tcp, k_level_tcp, k_keep_idle, 40000).error() == os::Errno::einval);
    CHECK(values(TcpOption::keep_idle) == 7200);
    CHECK(values.set(Protocol::tcp, k_level_tcp, k_keep_idle, 30).value() == 30);
}

TEST_CASE("minus one stands for the kernel's own choice where Linux says so") {
    OptionValues values;
    CHECK(values.set(Protocol::udp, k_level_ip, k_ttl, 9).value() == 9);
    CHECK(values.set(Protocol::udp, k_level_ip, k_ttl, -1).value() == 64);
}

TEST_CASE("options are for their own protocols, and some are only read") {
    OptionValues values;
    CHECK(values.set(Protocol::udp, k_level_tcp, 1, 1).error() == os::Errno::enoprotoopt);
    CHECK(values.get(Protocol::local, k_level_tcp, 1).error() == os::Errno::enoprotoopt);
    CHECK(values.set(Protocol::tcp, k_level_socket, k_napi, 1).error() == os::Errno::enoprotoopt);
    CHECK(values.get(Protocol::tcp, k_level_socket, k_napi).value() == 0);
}

TEST_CASE("every option starts with a value that it may have") {
    OptionValues values;
    for (const IntegerOption& option : integer_options()) {
        if (option.value.kind != OptionValue::Kind::read_only && option.value.least >= 0)
            CHECK((option.initial == 0 || option.initial >= option.value.least));
        CHECK(option.initial <= (option.value.most == 0 ? INT32_MAX : option.value.most));
    }
}
