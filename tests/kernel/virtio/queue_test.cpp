#include <array>
#include <cstring>
#include <vector>

#include <doctest/doctest.h>
#include <virtio/queue.hpp>

using os::PhysAddr;
using os::virtio::EventIndex;
using os::virtio::Queue;
using os::virtio::QueueMemory;
using os::virtio::Segment;

namespace {

// The other side, by the specification alone: it sees the shared memory and nothing else.
class Device {
public:
    explicit Device(std::uint16_t entries) : entries_(entries) {
        memory_.resize(Queue::memory_size(entries) / sizeof(std::uint64_t) + 1);
    }

    QueueMemory memory() { return {memory_.data(), PhysAddr{0x10000}}; }
    std::uint16_t available_index() { return word(available() + 2); }
    std::uint16_t available_head(unsigned slot) { return word(available() + 4 + 2 * slot); }
    std::uint16_t used_event() { return word(available() + 4 + 2 * entries_); }
    std::uint16_t available_flags() { return word(available()); }
    void set_available_event(std::uint16_t value) { put16(used() + 4 + 8 * entries_, value); }
    void set_used_flags(std::uint16_t value) { put16(used(), value); }

    struct Descriptor {
        std::uint64_t address;
        std::uint32_t size;
        std::uint16_t flags;
        std::uint16_t next;
    };
    Descriptor descriptor(unsigned index) {
        Descriptor out;
        std::memcpy(&out, bytes() + 16 * index, sizeof out);
        return out;
    }

    void put_used(std::uint32_t head, std::uint32_t written) {
        const std::size_t element = used() + 4 + 8 * (used_index_ % entries_);
        std::memcpy(bytes() + element, &head, 4);
        std::memcpy(bytes() + element + 4, &written, 4);
        put16(used() + 2, ++used_index_);
    }
    void set_used_index(std::uint16_t value) { put16(used() + 2, value); }

private:
    std::uint8_t* bytes() { return reinterpret_cast<std::uint8_t*>(memory_.data()); }
    std::size_t available() const { return 16U * entries_; }
    std::size_t used() const { return (available() + 6U + 2U * entries_ + 3U) & ~std::size_t{3}; }
    std::uint16_t word(std::size_t offset) {
        std::uint16_t value;
        std::memcpy(&value, bytes() + offset, sizeof value);
        return value;
    }
    void put16(std::size_t offset, std::uint16_t value) {
        std::memcpy(bytes() + offset, &value, sizeof value);
    }

    std::uint16_t entries_;
    std::uint16_t used_index_ = 0;
    std::vector<std::uint64_t> memory_;
};

struct Pair {
    explicit Pair(std::uint16_t entries, EventIndex event_index = EventIndex::no)
        : device(entries) {
        REQUIRE(queue.initialise(device.memory(), entries, event_index).ok());
    }
    Device device;
    Queue queue;
};

const Segment k_out[] = {{PhysAddr{0x100}, 10}, {PhysAddr{0x200}, 20}};
const Segment k_in[] = {{PhysAddr{0x300}, 30}};
int g_token;

} // namespace

TEST_CASE("a chain is described as the specification wants it") {
    Pair pair(8);
    REQUIRE(pair.queue.add(k_out, k_in, &g_token).ok());
    CHECK(pair.device.available_index() == 0);
    CHECK(pair.queue.publish() == Queue::Notify::yes);
    CHECK(pair.device.available_index() == 1);

    const auto first = pair.device.descriptor(pair.device.available_head(0));
    CHECK(first.address == 0x100);
    CHECK(first.size == 10);
    CHECK(first.flags == 1); // next
    const auto second = pair.device.descriptor(first.next);
    CHECK(second.address == 0x200);
    CHECK(second.flags == 1);
    const auto third = pair.device.descriptor(second.next);
    CHECK(third.address == 0x300);
    CHECK(third.size == 30);
    CHECK(third.flags == 2); // written by the device
}

TEST_CASE("a used chain gives its token back and frees its entries") {
    Pair pair(4);
    REQUIRE(pair.queue.add(k_out, k_in, &g_token).ok());
    CHECK(pair.queue.free_entries() == 1);
    pair.queue.publish();
    Queue::Used used;
    CHECK_FALSE(pair.queue.take_used(used));
    pair.device.put_used(pair.device.available_head(0), 25);
    REQUIRE(pair.queue.take_used(used));
    CHECK(used.token == &g_token);
    CHECK(used.written == 25);
    CHECK(pair.queue.free_entries() == 4);
}

TEST_CASE("a full queue takes nothing more and stays usable") {
    Pair pair(2);
    REQUIRE(pair.queue.add(k_out, {}, &g_token).ok());
    CHECK(pair.queue.add({}, k_in, &g_token).error() == os::Errno::enospc);
    pair.queue.publish();
    pair.device.put_used(0, 0);
    Queue::Used used;
    REQUIRE(pair.queue.take_used(used));
    CHECK(pair.queue.add({}, k_in, &g_token).ok());
}

TEST_CASE("the indices run around many times, chains returning in another order") {
    Pair pair(8, EventIndex::yes);
    std::array<int, 3> tokens{};
    for (unsigned round = 0; round < 70000; ++round) {
        std::array<std::uint16_t, 3> heads{};
        for (unsigned i = 0; i < 3; ++i) {
            REQUIRE(pair.queue.add({}, k_in, &tokens[i]).ok());
            pair.queue.publish();
            heads[i] = pair.device.available_head((round * 3 + i) % 8);
        }
        for (const unsigned i : {2U, 0U, 1U})
            pair.device.put_used(heads[i], i);
        for (const unsigned i : {2U, 0U, 1U}) {
            Queue::Used used;
            REQUIRE(pair.queue.take_used(used));
            REQUIRE(used.token == &tokens[i]);
            REQUIRE(used.written == i);
        }
    }
    CHECK(pair.queue.free_entries() == 8);
}

TEST_CASE("the device is notified only when it asks for that") {
    Pair flags(8);
    flags.device.set_used_flags(1);
    REQUIRE(flags.queue.add({}, k_in, &g_token).ok());
    CHECK(flags.queue.publish() == Queue::Notify::no);

    Pair events(8, EventIndex::yes);
    events.device.set_available_event(1);
    REQUIRE(events.queue.add({}, k_in, &g_token).ok());
    CHECK(events.queue.publish() == Queue::Notify::no);
    REQUIRE(events.queue.add({}, k_in, &g_token).ok());
    REQUIRE(events.queue.add({}, k_in, &g_token).ok());
    CHECK(events.queue.publish() == Queue::Notify::yes);
    CHECK(events.queue.publish() == Queue::Notify::no);
}

TEST_CASE("asking for an interrupt tells when it is too late for one") {
    Pair pair(8, EventIndex::yes);
    REQUIRE(pair.queue.add({}, k_in, &g_token).ok());
    REQUIRE(pair.queue.add({}, k_in, &g_token).ok());
    pair.queue.publish();
    CHECK(pair.queue.enable_interrupts(2));
    CHECK(pair.device.used_event() == 1);
    pair.device.put_used(0, 0);
    CHECK_FALSE(pair.queue.enable_interrupts());
    pair.queue.disable_interrupts();
    CHECK(pair.device.used_event() == 0xffff);

    Pair flags(8);
    flags.queue.disable_interrupts();
    CHECK(flags.device.available_flags() == 1);
    CHECK(flags.queue.enable_interrupts());
    CHECK(flags.device.available_flags() == 0);
}

TEST_CASE("a device that breaks the rules breaks the queue, not the kernel") {
    Queue::Used used;
    SUBCASE("a chain that does not exist") {
        Pair pair(8);
        REQUIRE(pair.queue.add({}, k_in, &g_token).ok());
        pair.device.put_used(8, 0);
        CHECK_FALSE(pair.queue.take_used(used));
        CHECK(pair.queue.broken());
        CHECK(pair.queue.add({}, k_in, &g_token).error() == os::Errno::eio);
    }
    SUBCASE("a chain that is not out") {
        Pair pair(8);
        REQUIRE(pair.queue.add({}, k_in, &g_token).ok());
        pair.device.put_used(3, 0);
        CHECK_FALSE(pair.queue.take_used(used));
        CHECK(pair.queue.broken());
    }
    SUBCASE("the same chain twice") {
        Pair pair(8);
        REQUIRE(pair.queue.add({}, k_in, &g_token).ok());
        REQUIRE(pair.queue.add({}, k_in, &g_token).ok());
        pair.device.put_used(0, 0);
        pair.device.put_used(0, 0);
        CHECK(pair.queue.take_used(used));
        CHECK_FALSE(pair.queue.take_used(used));
        CHECK(pair.queue.broken());
    }
    SUBCASE("the middle of a chain") {
        Pair pair(8);
        REQUIRE(pair.queue.add(k_out, k_in, &g_token).ok());
        pair.device.put_used(1, 0);
        CHECK_FALSE(pair.queue.take_used(used));
        CHECK(pair.queue.broken());
    }
    SUBCASE("an index far ahead") {
        Pair pair(8);
        REQUIRE(pair.queue.add({}, k_in, &g_token).ok());
        pair.device.set_used_index(500);
        CHECK_FALSE(pair.queue.take_used(used));
        CHECK(pair.queue.broken());
    }
}

TEST_CASE("more bytes than there is room for count as a full buffer") {
    Queue::Used used;
    Pair pair(8);
    REQUIRE(pair.queue.add(k_out, k_in, &g_token).ok());
    pair.device.put_used(0, 31);
    CHECK(pair.queue.take_used(used));
    CHECK(used.written == 30);
    CHECK_FALSE(pair.queue.broken());
}

TEST_CASE("sizes that are no powers of two are refused") {
    Device device(8);
    Queue queue;
    for (const unsigned entries : {0U, 3U, 100U, 40000U})
        CHECK(queue.initialise(device.memory(), static_cast<std::uint16_t>(entries), EventIndex::no)
                  .error() == os::Errno::einval);
    CHECK(queue.add({}, {}, nullptr).error() == os::Errno::einval);
}
