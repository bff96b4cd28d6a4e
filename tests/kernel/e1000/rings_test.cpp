#include <vector>

#include <doctest/doctest.h>
#include <e1000/rings.hpp>
#include <frame_buffers.hpp>

using namespace os::e1000;
using os::net::Checksum;
using os::net::ReceiveBuffer;

namespace {

constexpr std::uint32_t k_entries = 8;
constexpr std::uint8_t k_whole = receive_status::k_done | receive_status::k_end_of_packet;

struct Receiving {
    host::FrameBuffers buffers;
    ReceiveDescriptor descriptors[k_entries] = {};
    ReceiveRing ring;

    Receiving() { REQUIRE(ring.initialise(descriptors, k_entries).ok()); }
    std::uint32_t fill() {
        std::uint32_t count = 0;
        while (ring.offer(buffers.make()))
            ++count;
        return count;
    }
    void answer(std::uint32_t index, std::uint8_t status, std::uint16_t length,
                std::uint8_t errors = 0) {
        descriptors[index].length = length;
        descriptors[index].errors = errors;
        descriptors[index].status = status;
    }
};

struct Sending {
    TransmitDescriptor descriptors[k_entries] = {};
    TransmitRing ring;
    int owners[k_entries] = {};

    Sending() { REQUIRE(ring.initialise(descriptors, k_entries).ok()); }
    void put(unsigned segments, int& owner, std::uint16_t start = 0, std::uint16_t offset = 16) {
        std::vector<os::net::Segment> list;
        for (unsigned i = 0; i < segments; ++i)
            list.push_back({os::PhysAddr{0x1000U * (i + 1)}, 100 + i});
        os::net::Transmission transmission;
        transmission.owner = &owner;
        transmission.checksum_start = start;
        transmission.checksum_offset = offset;
        ring.put({list.data(), list.size()}, transmission);
    }
};

} // namespace

TEST_CASE("a ring takes buffers but for one entry, and gives back what the card has filled") {
    Receiving card;
    CHECK(card.fill() == k_entries - 1);
    CHECK(card.ring.tail() == k_entries - 1);
    CHECK_FALSE(card.ring.has_received());
    CHECK(card.ring.take().buffer == nullptr);
    for (std::uint32_t i = 0; i < 3 * k_entries; ++i) {
        card.answer(i % k_entries, k_whole, static_cast<std::uint16_t>(60 + i));
        const auto frame = card.ring.take();
        REQUIRE(frame.buffer != nullptr);
        CHECK(frame.buffer->address.value == card.descriptors[i % k_entries].address);
        CHECK(frame.size == 60 + i);
        CHECK(frame.checksum == Checksum::unknown);
        CHECK(card.ring.offer(*frame.buffer));
    }
}

TEST_CASE("frames with errors, longer than a buffer or in several parts are dropped") {
    Receiving card;
    card.fill();
    card.answer(0, k_whole, 60, 1);                         // CRC
    card.answer(1, k_whole, 0xffff);                        // a lie
    card.answer(2, k_whole, ReceiveBuffer::k_capacity + 1); // another
    card.answer(3, receive_status::k_done, 1000);           // a part
    card.answer(4, k_whole, 60);                            // the last of them
    card.answer(5, k_whole, ReceiveBuffer::k_capacity);     // a good one
    for (int i = 0; i < 5; ++i) {
        const auto frame = card.ring.take();
        CHECK(frame.buffer != nullptr);
        CHECK(frame.size == 0);
    }
    CHECK(card.ring.take().size == ReceiveBuffer::k_capacity);
    CHECK(card.ring.take().buffer == nullptr);
}

TEST_CASE("a card that says everything is done gives no more buffers than it had") {
    Receiving card;
    for (auto& descriptor : card.descriptors)
        descriptor.status = 0xff;
    CHECK(card.ring.take().buffer == nullptr);
    CHECK(card.ring.offer(card.buffers.make()));
    card.answer(0, 0xff, 64);
    CHECK(card.ring.take().buffer != nullptr);
    CHECK(card.ring.take().buffer == nullptr);
}

TEST_CASE("only a checksum that was looked at and found right counts as verified") {
    Receiving card;
    card.fill();
    card.answer(0, k_whole | receive_status::k_tcp_checked, 60);
    card.answer(1, k_whole | receive_status::k_tcp_checked, 60,
                receive_error::k_transport_checksum);
    card.answer(2, k_whole | receive_status::k_tcp_checked | receive_status::k_ignore_checksum, 60);
    CHECK(card.ring.take().checksum == Checksum::verified);
    const auto wrong = card.ring.take();
    CHECK(wrong.size == 60); // lwIP looks for itself
    CHECK(wrong.checksum == Checksum::unknown);
    CHECK(card.ring.take().checksum == Checksum::unknown);
}

TEST_CASE("a frame's fragments are done together, with its last descriptor") {
    Sending card;
    CHECK(card.ring.room() == k_entries - 1);
    card.put(3, card.owners[0]);
    card.put(1, card.owners[1]);
    CHECK(card.ring.room() == k_entries - 5);
    CHECK(card.ring.tail() == 4);
    CHECK((card.descriptors[2].command & transmit::k_end_of_packet) != 0);
    CHECK((card.descriptors[1].command & transmit::k_end_of_packet) == 0);
    CHECK((card.descriptors[1].command & 0xfffff) == 101);
    card.descriptors[0].status |= transmit::k_done; // not the one that was to be reported
    CHECK(card.ring.take_done() == nullptr);
    card.descriptors[3].status |= transmit::k_done; // out of order
    CHECK(card.ring.take_done() == nullptr);
    card.descriptors[2].status |= transmit::k_done;
    CHECK(card.ring.take_done() == &card.owners[0]);
    CHECK(card.ring.take_done() == &card.owners[1]);
    CHECK(card.ring.take_done() == nullptr);
    CHECK(card.ring.room() == k_entries - 1);
}

TEST_CASE("a card that says all is done returns each owner once") {
    Sending card;
    for (unsigned round = 0; round < 3 * k_entries; ++round) {
        int& owner = card.owners[round % k_entries];
        card.put(2, owner);
        for (auto& descriptor : card.descriptors)
            descriptor.status = 0xffffffff;
        CHECK(card.ring.take_done() == &owner);
        CHECK(card.ring.take_done() == nullptr);
    }
}

TEST_CASE("checksum places are told once, and again when they change") {
    Sending card;
    card.put(1, card.owners[0], 34);
    CHECK(card.descriptors[0].address == std::uint64_t{34 | 50 << 8} << 32);
    CHECK((card.descriptors[0].command & transmit::k_data) == 0);
    CHECK(card.descriptors[1].status == transmit::k_insert_transport_sum);
    card.put(1, card.owners[1], 34);
    CHECK((card.descriptors[2].command & transmit::k_data) != 0);
    card.put(1, card.owners[2]); // none
    CHECK(card.descriptors[3].status == 0);
    card.put(1, card.owners[3], 54);
    CHECK((card.descriptors[4].command & transmit::k_data) == 0);
    CHECK(card.ring.room() == k_entries - 1 - 6);
    card.descriptors[1].status |= transmit::k_done;
    CHECK(card.ring.take_done() == &card.owners[0]);
    CHECK(card.ring.room() == k_entries - 1 - 4);
}
