#include <lwip/unreachable.hpp>

#include <cstring>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include <arch/hooks.h>
#include <lwip/pbuf.h>

namespace {
using Buffer = std::vector<std::uint8_t>;
std::vector<os::lwip::Unreachable> heard;

void hear(const os::lwip::Unreachable& message) {
    heard.push_back(message);
}

// In two pieces, as a driver may hand it over.
void give(const Buffer& packet, std::size_t first, int (*input)(pbuf*)) {
    os::lwip::set_unreachable_handler(&hear);
    pbuf* chain = pbuf_alloc(PBUF_RAW, static_cast<u16_t>(first), PBUF_RAM);
    std::memcpy(chain->payload, packet.data(), first);
    if (packet.size() > first) {
        pbuf* rest = pbuf_alloc(PBUF_RAW, static_cast<u16_t>(packet.size() - first), PBUF_RAM);
        std::memcpy(rest->payload, packet.data() + first, packet.size() - first);
        pbuf_cat(chain, rest);
    }
    CHECK(input(chain) == 0);
    pbuf_free(chain);
}

Buffer header4(std::uint8_t protocol) {
    return {0x45, 0, 0, 0, 0, 0, 0, 0, 64, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2};
}

Buffer message4(std::uint8_t type, std::uint8_t code) {
    Buffer out = header4(1);
    out.insert(out.end(), {type, code, 0, 0, 0, 0, 0, 0});
    const Buffer quoted = header4(17);
    out.insert(out.end(), quoted.begin(), quoted.end());
    out.insert(out.end(), {0x12, 0x34, 0, 53, 0, 8, 0, 0});
    return out;
}

Buffer header6(std::uint8_t next) {
    Buffer out(40);
    out[0] = 0x60;
    out[6] = next;
    out[23] = 1; // from ::1
    out[39] = 2; // to ::2
    return out;
}
} // namespace

TEST_CASE("a port that nobody listens on is heard of, with both ends of what was sent") {
    heard.clear();
    give(message4(3, 3), 20, &unik_lwip_ip4_input);
    REQUIRE(heard.size() == 1);
    CHECK(heard[0].error == os::Errno::econnrefused);
    CHECK(heard[0].weight == os::lwip::Unreachable::Weight::hard);
    CHECK(heard[0].protocol == 17);
    CHECK(heard[0].local_port == 0x1234);
    CHECK(heard[0].remote_port == 53);
    CHECK(ip4_addr4(ip_2_ip4(&heard[0].remote)) == 2);
}

TEST_CASE("IPv6 says the same in its own numbers") {
    heard.clear();
    Buffer packet = header6(58);
    packet.insert(packet.end(), {1, 4, 0, 0, 0, 0, 0, 0});
    const Buffer quoted = header6(6);
    packet.insert(packet.end(), quoted.begin(), quoted.end());
    packet.insert(packet.end(), {0, 80, 1, 0});
    give(packet, 40, &unik_lwip_ip6_input);
    REQUIRE(heard.size() == 1);
    CHECK(heard[0].error == os::Errno::econnrefused);
    CHECK(heard[0].protocol == 6);
    CHECK(heard[0].local_port == 80);
    CHECK(heard[0].remote_port == 256);
}

TEST_CASE("other messages, unknown codes, fragments and stubs are not heard") {
    heard.clear();
    give(message4(0, 0), 20, &unik_lwip_ip4_input);
    give(message4(3, 200), 20, &unik_lwip_ip4_input);
    Buffer fragment = message4(3, 3);
    fragment[7] = 1;
    give(fragment, 20, &unik_lwip_ip4_input);
    const Buffer whole = message4(3, 3);
    for (std::size_t size = 1; size < whole.size() - 4; ++size)
        give(Buffer(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)),
             size < 20 ? size : 20, &unik_lwip_ip4_input);
    CHECK(heard.empty());
}

TEST_CASE("whatever comes, reading stays within the packet") {
    std::mt19937 random(4); // NOLINT: the same every time
    for (int round = 0; round < 20000; ++round) {
        Buffer packet = message4(3, static_cast<std::uint8_t>(random() % 20));
        for (int change = 0; change < 4; ++change)
            packet[random() % packet.size()] = static_cast<std::uint8_t>(random());
        packet[9] = 1;
        packet.resize(20 + random() % (packet.size() - 20));
        give(packet, 20, &unik_lwip_ip4_input);
    }
}
