#include <cstring>
#include <vector>

#include <doctest/doctest.h>
#include <frame_buffers.hpp>
#include <tulip/rings.hpp>

using namespace os::tulip;
using os::net::ReceiveBuffer;

namespace {

constexpr std::uint32_t k_entries = 4;
constexpr std::uint32_t k_whole = receive::k_first | receive::k_last;

std::uint32_t answer(std::uint32_t length, std::uint32_t flags = k_whole) {
    return length << receive::k_length_shift | flags;
}

struct Receiving {
    host::FrameBuffers buffers;
    Descriptor descriptors[k_entries] = {};
    ReceiveRing ring;

    Receiving() {
        REQUIRE(ring.initialise(descriptors, k_entries).ok());
        while (ring.offer(buffers.make()))
            ;
    }
};

struct Sending {
    Descriptor descriptors[k_entries] = {};
    std::uint8_t buffers[k_entries * TransmitRing::k_buffer] = {};
    TransmitRing ring;

    Sending() { REQUIRE(ring.initialise(descriptors, k_entries, buffers, 0x10000).ok()); }
};

} // namespace

TEST_CASE("received frames lose their CRC, and buffers go round") {
    Receiving card;
    CHECK((card.descriptors[k_entries - 1].control & receive::k_end_of_ring) != 0);
    CHECK((card.descriptors[0].control & 0x7ff) == ReceiveBuffer::k_capacity);
    for (std::uint32_t i = 0; i < 3 * k_entries; ++i) {
        CHECK_FALSE(card.ring.has_received());
        card.descriptors[i % k_entries].status = answer(64 + i);
        const auto frame = card.ring.take();
        REQUIRE(frame.buffer != nullptr);
        CHECK(static_cast<std::uint32_t>(frame.buffer->address.value) ==
              card.descriptors[i % k_entries].buffer);
        CHECK(frame.size == 60 + i);
        CHECK(card.ring.offer(*frame.buffer));
        CHECK(card.descriptors[i % k_entries].status == k_owned_by_card);
    }
}

TEST_CASE("lengths that cannot be, parts and errors are dropped") {
    Receiving card;
    const std::uint32_t bad[] = {answer(0), answer(4), answer(ReceiveBuffer::k_capacity + 5),
                                 answer(0x3fff)};
    for (std::uint32_t i = 0; i < k_entries; ++i)
        card.descriptors[i].status = bad[i];
    for (std::uint32_t i = 0; i < k_entries; ++i) {
        const auto frame = card.ring.take();
        REQUIRE(frame.buffer != nullptr);
        CHECK(frame.size == 0);
        CHECK(card.ring.offer(*frame.buffer));
    }
    card.descriptors[0].status = answer(64, receive::k_first);
    card.descriptors[1].status = answer(64, receive::k_last);
    card.descriptors[2].status = answer(64, k_whole | receive::k_error);
    card.descriptors[3].status = answer(64);
    for (int i = 0; i < 3; ++i)
        CHECK(card.ring.take().size == 0);
    CHECK(card.ring.take().size == 60);
}

TEST_CASE("a card that hands back more than it was given gets nothing for it") {
    Receiving card;
    for (auto& descriptor : card.descriptors)
        descriptor.status = answer(64);
    for (std::uint32_t i = 0; i < k_entries; ++i)
        CHECK(card.ring.take().buffer != nullptr);
    CHECK_FALSE(card.ring.has_received());
    CHECK(card.ring.take().buffer == nullptr);
}

TEST_CASE("frames are gathered into the card's buffers, and their owners come back in order") {
    Sending card;
    const std::uint8_t bytes[] = {1, 2, 3, 4, 5};
    int owners[k_entries] = {};
    for (unsigned round = 0; round < 3; ++round) {
        for (std::uint32_t i = 0; i < k_entries; ++i) {
            const os::Bytes fragments[] = {{bytes, 2}, {bytes + 2, 3}};
            card.ring.put({fragments, 2}, &owners[i]);
            CHECK(std::memcmp(card.buffers + i * TransmitRing::k_buffer, bytes, 5) == 0);
            CHECK(card.descriptors[i].buffer == 0x10000 + i * TransmitRing::k_buffer);
            CHECK((card.descriptors[i].control & 0x7ff) == 5);
        }
        CHECK(card.ring.room() == 0);
        CHECK(card.ring.take_done() == nullptr);
        card.descriptors[1].status = 0; // out of order
        CHECK(card.ring.take_done() == nullptr);
        for (auto& descriptor : card.descriptors)
            descriptor.status = 0x7fffffff;
        for (int& owner : owners)
            CHECK(card.ring.take_done() == &owner);
        CHECK(card.ring.take_done() == nullptr);
        CHECK(card.ring.room() == k_entries);
    }
}

TEST_CASE("a setup frame holds the address, then broadcasts, and has no owner") {
    Sending card;
    std::uint8_t setup[k_setup_bytes];
    write_setup_frame({{0x52, 0x54, 0x00, 0x12, 0x34, 0x56}}, setup);
    const std::uint8_t first[] = {0x52, 0x54, 0x52, 0x54, 0x00, 0x12,
                                  0x00, 0x12, 0x34, 0x56, 0x34, 0x56};
    CHECK(std::memcmp(setup, first, sizeof first) == 0);
    for (std::size_t i = sizeof first; i < sizeof setup; ++i)
        CHECK(setup[i] == 0xff);
    card.ring.put_setup({setup, sizeof setup});
    constexpr std::uint32_t edges = transmit::k_first | transmit::k_last;
    CHECK((card.descriptors[0].control & transmit::k_setup) != 0);
    CHECK((card.descriptors[0].control & edges) == 0);
    card.descriptors[0].status = 0;
    CHECK(card.ring.take_done() == nullptr);
    CHECK(card.ring.room() == k_entries);
}
