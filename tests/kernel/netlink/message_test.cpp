#include "netlink/message.hpp"

#include <cstring>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace os::netlink;
using Buffer = std::vector<std::uint8_t>;

namespace {
template <typename T>
void append(Buffer& out, const T& value) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(&value);
    out.insert(out.end(), bytes, bytes + sizeof value);
}

Buffer request(std::uint32_t size, const std::string& body) {
    Buffer out;
    append(out, Header{size, 18, 1, 7, 0});
    out.insert(out.end(), body.begin(), body.end());
    return out;
}

os::Bytes bytes_of(const Buffer& buffer) {
    return {buffer.data(), buffer.size()};
}

std::string text_of(os::Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Header header_at(const os::Vector<std::uint8_t>& datagram, std::size_t offset) {
    Header out{};
    REQUIRE(offset + sizeof out <= datagram.size());
    std::memcpy(&out, datagram.data() + offset, sizeof out);
    return out;
}
} // namespace

TEST_CASE("requests that are malformed end the reading") {
    Request out;
    for (const std::uint32_t size : {0U, 15U, 21U, 0x7fffffffU, 0xffffffffU}) {
        const Buffer buffer = request(size, "body");
        os::Bytes left = bytes_of(buffer);
        CHECK_FALSE(next_request(left, out));
    }
    os::Bytes stub = bytes_of(request(20, "body")).part(0, 15);
    CHECK_FALSE(next_request(stub, out));
}

TEST_CASE("several requests follow each other at multiples of four") {
    Buffer buffer = request(17, std::string("x\0\0\0", 4));
    const Buffer second = request(20, "body");
    buffer.insert(buffer.end(), second.begin(), second.end());
    os::Bytes left = bytes_of(buffer);
    Request out;
    REQUIRE(next_request(left, out));
    CHECK(text_of(out.body) == "x");
    REQUIRE(next_request(left, out));
    CHECK(text_of(out.body) == "body");
    CHECK_FALSE(next_request(left, out));
}

TEST_CASE("a fixed part that was cut off is filled with zeroes") {
    Request out;
    const Buffer buffer = request(17, "\x02");
    os::Bytes left = bytes_of(buffer);
    REQUIRE(next_request(left, out));
    CHECK(out.fixed<std::uint64_t>() == 2);
}

TEST_CASE("an attribute is found behind others, and not in what is cut off") {
    Buffer body;
    append(body, std::uint32_t{0}); // the fixed part
    append(body, AttributeHeader{5, 1});
    body.insert(body.end(), {'a', 0, 0, 0});
    append(body, AttributeHeader{7, 0x8003}); // with NLA_F_NESTED
    body.insert(body.end(), {'l', 'o', 0, 0});
    append(body, AttributeHeader{400, 5});
    Request out;
    out.body = bytes_of(body);
    CHECK(text_of(out.attribute(4, 3)) == std::string("lo\0", 3));
    CHECK(out.attribute(4, 5).empty());
    CHECK(out.attribute(4, 9).empty());
    CHECK(out.attribute(4000, 1).empty());
}

TEST_CASE("whatever comes, reading stays within the bytes") {
    std::mt19937 random(4); // NOLINT: the same every time
    for (int round = 0; round < 20000; ++round) {
        Buffer buffer(random() % 80);
        for (std::uint8_t& byte : buffer)
            byte = static_cast<std::uint8_t>(random() % 3 == 0 ? random() : random() % 24);
        os::Bytes left = bytes_of(buffer);
        Request out;
        while (next_request(left, out)) {
            CHECK(out.body.size() <= buffer.size());
            (void)out.attribute(random() % 24, static_cast<std::uint16_t>(random() % 8));
        }
    }
}

TEST_CASE("answers are packed into datagrams of four KiB") {
    Answer out(Header{0, 18, 0x301, 99, 0}, 1);
    for (int i = 0; i < 300; ++i) {
        out.begin(16, k_flag_multi, std::uint64_t{5});
        out.add_text(3, "name");
        out.end();
    }
    out.done();
    auto datagrams = out.finish();
    REQUIRE(datagrams.ok());
    int messages = 0;
    for (const auto& datagram : datagrams.value()) {
        CHECK(datagram.size() <= 4096);
        for (std::size_t at = 0; at < datagram.size();) {
            const Header header = header_at(datagram, at);
            CHECK(header.sequence == 99);
            CHECK(header.port == 1);
            messages += header.type == 16 ? 1 : 0;
            at += (header.size + 3) & ~3U;
        }
    }
    CHECK(messages == 300);
    CHECK(datagrams.value().size() > 2);
}

TEST_CASE("an error carries the request's header") {
    Answer out(Header{32, 18, 1, 99, 0}, 1);
    out.error(os::Errno::enodev);
    auto datagrams = out.finish();
    REQUIRE(datagrams.ok());
    const auto& datagram = datagrams.value()[0];
    CHECK(header_at(datagram, 0).type == k_type_error);
    std::int32_t code = 0;
    std::memcpy(&code, datagram.data() + 16, sizeof code);
    CHECK(code == -19);
    CHECK(header_at(datagram, 20).size == 32);
}
