#include <vector>

#include <doctest/doctest.h>
#include <frame_buffers.hpp>
#include <vmxnet3/rings.hpp>

using namespace os::vmxnet3;
using os::net::Checksum;
using os::net::ReceiveBuffer;

namespace {

constexpr std::uint32_t k_entries = 8;
constexpr std::uint32_t k_completions = 11;
constexpr std::uint32_t k_whole = completion::k_start_of_packet | completion::k_end_of_packet;

struct Receiving {
    host::FrameBuffers buffers;
    ReceiveDescriptor descriptors[k_entries] = {};
    ReceiveCompletion completions[k_completions] = {};
    ReceiveRing ring;
    std::uint32_t next = 0;
    bool odd = true;

    Receiving() {
        REQUIRE(ring.initialise(descriptors, k_entries, completions, k_completions).ok());
    }
    void fill() {
        while (ring.offer(buffers.make()))
            ;
    }
    // What the device does.
    void complete(std::uint32_t index, std::uint32_t size, std::uint32_t what = 0) {
        completions[next] = {index, 0, size, what | (odd ? k_generation : 0)};
        if (++next == k_completions) {
            next = 0;
            odd = !odd;
        }
    }
};

struct Sending {
    TransmitDescriptor descriptors[k_entries] = {};
    TransmitCompletion completions[k_entries] = {};
    TransmitRing ring;
    int owners[k_entries] = {};

    Sending() { REQUIRE(ring.initialise(descriptors, completions, k_entries).ok()); }
    void put(unsigned segments, int& owner, std::uint16_t start = 0) {
        std::vector<os::net::Segment> list;
        for (unsigned i = 0; i < segments; ++i)
            list.push_back({os::PhysAddr{0x1000U * (i + 1)}, 100 + i});
        os::net::Transmission transmission;
        transmission.owner = &owner;
        transmission.checksum_start = start;
        transmission.checksum_offset = 16;
        ring.put({list.data(), list.size()}, transmission);
    }
};

} // namespace

TEST_CASE("buffers go round in both rings, whose lengths differ") {
    Receiving card;
    card.fill();
    CHECK(card.ring.next() == k_entries - 1);
    CHECK_FALSE(card.ring.has_received());
    for (std::uint32_t i = 0; i < 5 * k_completions; ++i) {
        card.complete(i % k_entries | k_whole, 60 + i);
        const auto frame = card.ring.take();
        REQUIRE(frame.buffer != nullptr);
        CHECK(frame.buffer->address.value == card.descriptors[i % k_entries].address);
        CHECK(frame.size == 60 + i);
        CHECK_FALSE(card.ring.has_received());
        CHECK(card.ring.offer(*frame.buffer));
        const std::uint32_t at = (i + k_entries - 1) % k_entries;
        const bool odd_round = (i + k_entries - 1) / k_entries % 2 == 0;
        CHECK(((card.descriptors[at].what & k_generation) != 0) == odd_round);
    }
    CHECK_FALSE(card.ring.broken());
}

TEST_CASE(
    "a completion out of turn, or of a buffer that the device does not have, breaks the ring") {
    for (const std::uint32_t index : {1U, 7U, 0xfffU}) {
        Receiving card;
        card.fill();
        card.complete(index | k_whole, 60);
        CHECK(card.ring.take().buffer == nullptr);
        CHECK(card.ring.broken());
        CHECK_FALSE(card.ring.has_received());
    }
    Receiving empty;
    empty.complete(0 | k_whole, 60);
    CHECK(empty.ring.take().buffer == nullptr);
    CHECK(empty.ring.broken());
}

TEST_CASE("frames with errors, in parts or longer than their buffer are dropped") {
    Receiving card;
    card.fill();
    card.complete(0 | completion::k_start_of_packet, 60);
    card.complete(1 | completion::k_end_of_packet, 60);
    card.complete(2 | k_whole, 60 | completion::k_error);
    card.complete(3 | k_whole, ReceiveBuffer::k_capacity + 1);
    card.complete(4 | k_whole, ReceiveBuffer::k_capacity,
                  completion::k_checked | completion::k_frame_right);
    for (int i = 0; i < 4; ++i) {
        const auto frame = card.ring.take();
        CHECK(frame.buffer != nullptr);
        CHECK(frame.size == 0);
    }
    const auto good = card.ring.take();
    CHECK(good.size == ReceiveBuffer::k_capacity);
    CHECK(good.checksum == Checksum::verified);
}

TEST_CASE("the device sees a frame's first descriptor last, in each round") {
    Sending card;
    for (unsigned i = 0; i < 3 * k_entries; ++i) {
        int& owner = card.owners[i % k_entries];
        const std::uint32_t first = card.ring.next();
        card.put(3, owner, 34);
        const bool odd = (3 * i) / k_entries % 2 == 0;
        CHECK(((card.descriptors[first].what & transmit::k_generation) != 0) == odd);
        CHECK((card.descriptors[first].what >> transmit::k_checksum_shift) == 50);
        CHECK((card.descriptors[first].offload & 0xfff) == (34U | transmit::k_insert_checksum));
        const std::uint32_t last = (first + 2) % k_entries;
        CHECK((card.descriptors[last].offload & transmit::k_end_of_packet) != 0);
        CHECK(card.ring.take_done() == nullptr);
        const std::uint32_t at = i % k_entries;
        card.completions[at].index = last;
        card.completions[at].what = i / k_entries % 2 == 0 ? k_generation : 0;
        CHECK(card.ring.take_done() == &owner);
        CHECK(card.ring.room() == k_entries - 1);
    }
}

TEST_CASE("a completion of a frame that is not the next one breaks the ring, and frees nothing") {
    for (const std::uint32_t index : {0U, 3U, 0xfffU}) {
        Sending card;
        card.put(2, card.owners[0]); // ends at 1
        card.put(2, card.owners[1]); // ends at 3
        card.completions[0] = {index, {}, k_generation};
        CHECK(card.ring.take_done() == nullptr);
        CHECK(card.ring.broken());
    }
    Sending idle;
    idle.completions[0] = {0, {}, k_generation};
    CHECK(idle.ring.take_done() == nullptr);
    CHECK(idle.ring.broken());
}
