#include <cstdlib>
#include <deque>
#include <vector>

#include <arch/paging.hpp>
#include <control/control.hpp>
#include <doctest/doctest.h>
#include <memory/frames.hpp>
#include <net-core/ring_card.hpp>

namespace {

unsigned warnings = 0;
unsigned frames_left = 1000;
std::vector<void*> frames;
std::deque<os::threads::Deferred*> scheduled;
std::uint64_t allocations_below = 0;

} // namespace

namespace os::control {
void warn(const char*, const char*, ...) {
    ++warnings;
}
} // namespace os::control

namespace os::memory {
Result<PhysAddr> allocate_frames(unsigned) {
    if (frames_left == 0)
        return Errno::enomem;
    --frames_left;
    frames.push_back(std::aligned_alloc(k_page_size, k_page_size));
    return PhysAddr{reinterpret_cast<std::uint64_t>(frames.back()) - arch::k_physical_map};
}
Result<PhysAddr> allocate_low_frames(unsigned order) {
    ++allocations_below;
    return allocate_frames(order);
}
PhysAddr physical_address(const void* pointer) {
    return PhysAddr{reinterpret_cast<std::uint64_t>(pointer)};
}
} // namespace os::memory

namespace os::threads {
void Deferred::schedule() {
    for (const Deferred* one : scheduled)
        if (one == this)
            return;
    scheduled.push_back(this);
}
class SafePoint {
public:
    // All that is scheduled now, once.
    static void run() {
        for (std::size_t left = scheduled.size(); left > 0; --left) {
            Deferred* work = scheduled.front();
            scheduled.pop_front();
            work->action_(work->argument_);
        }
    }
};
} // namespace os::threads

using os::Bytes;
using os::net::Packet;
using os::net::ReceiveBuffer;
using os::threads::SafePoint;

namespace {

class FakeCard final : public os::net::RingCard {
public:
    explicit FakeCard(os::net::Reach reach = os::net::Reach::everywhere) : RingCard(reach) {}
    using RingCard::Listen;
    using RingCard::schedule_link_check;
    using RingCard::schedule_work;

    std::size_t most_buffers = 4;
    std::deque<ReceiveBuffer*> offered;
    std::deque<std::size_t> arriving; // sizes of what the device has received
    std::size_t arrives_at_listening = 0;
    std::size_t ring = 32;
    std::deque<std::pair<void*, std::size_t>> sent; // owner, entries
    std::size_t done = 0;                           // of them
    bool listening = false;
    Listen listens_for = Listen::for_frames;
    bool link = true;
    bool breaks = false;
    unsigned doorbells = 0;

    bool checksum_offload() const override { return false; }

protected:
    bool offer(ReceiveBuffer& buffer) override {
        if (offered.size() == most_buffers)
            return false;
        offered.push_back(&buffer);
        return true;
    }
    void publish_buffers() override {}
    bool has_received() override { return !arriving.empty() && !offered.empty(); }
    Received take_received() override {
        if (breaks)
            give_up("broken on purpose");
        if (breaks || !has_received())
            return {};
        const Received received{offered.front(), arriving.front()};
        offered.pop_front();
        arriving.pop_front();
        return received;
    }
    std::size_t room() const override {
        std::size_t used = 0;
        for (const auto& frame : sent)
            used += frame.second;
        return ring - used;
    }
    std::size_t entries() const override { return ring; }
    void put(os::Span<const os::net::Segment> segments,
             const os::net::Transmission& transmission) override {
        sent.emplace_back(transmission.owner, segments.size());
    }
    void publish_frames() override { ++doorbells; }
    void* take_transmitted() override {
        if (done == 0)
            return nullptr;
        --done;
        void* owner = sent.front().first;
        sent.pop_front();
        return owner;
    }
    void listen(Listen what) override {
        listening = true;
        listens_for = what;
        for (; arrives_at_listening > 0; --arrives_at_listening)
            arriving.push_back(60);
    }
    void silence() override { listening = false; }
    bool read_link() override { return link; }
};

struct FakeStack final : os::net::Stack {
    std::vector<Packet*> packets;
    std::vector<void*> owners;
    unsigned possible = 0;
    unsigned link_changes = 0;

    void received(Packet& packet) override { packets.push_back(&packet); }
    void transmitted(void* owner) override { owners.push_back(owner); }
    void transmit_possible() override { ++possible; }
    void link_changed() override { ++link_changes; }
    void release_all() {
        for (Packet* packet : packets)
            packet->release(*packet);
        packets.clear();
    }
};

struct World {
    FakeCard card;
    FakeStack stack;

    explicit World(os::net::Reach reach = os::net::Reach::everywhere) : card(reach) {
        warnings = 0;
        frames_left = 1000;
        scheduled.clear();
    }
    ~World() {
        for (void* frame : frames)
            std::free(frame);
        frames.clear();
    }
    void connect() {
        card.connect(stack);
        SafePoint::run();
    }
    os::Result<void> send(std::size_t fragments, void* owner, std::size_t size = 60) {
        static const std::uint8_t bytes[2000] = {};
        std::vector<Bytes> list(fragments, Bytes{bytes, size});
        os::net::Transmission transmission;
        transmission.fragments = {list.data(), list.size()};
        transmission.owner = owner;
        return card.transmit(transmission);
    }
};

} // namespace

TEST_CASE("connecting fills the ring and listens") {
    World world;
    world.connect();
    CHECK(world.card.offered.size() == 4);
    CHECK(world.card.listening);
    CHECK(scheduled.empty());
}

TEST_CASE("frames reach the stack, and what is none is given back") {
    World world;
    world.connect();
    world.card.arriving = {60, 0, 1514};
    world.card.schedule_work();
    SafePoint::run();
    REQUIRE(world.stack.packets.size() == 2);
    CHECK(world.stack.packets[0]->size == 60);
    CHECK(world.stack.packets[1]->size == 1514);
    CHECK(world.card.offered.size() == 4);
    world.stack.release_all();
}

TEST_CASE("what comes between the last look and listening is not left lying") {
    World world;
    world.card.arrives_at_listening = 1;
    world.connect();
    CHECK_FALSE(world.card.listening);
    SafePoint::run();
    CHECK(world.stack.packets.size() == 1);
    CHECK(world.card.listening);
    world.stack.release_all();
}

TEST_CASE("a flood is taken in portions, without listening in between") {
    World world;
    world.card.most_buffers = 1000;
    world.connect();
    world.card.arriving.assign(300, 60);
    world.card.schedule_work();
    world.card.listening = false;
    SafePoint::run();
    CHECK(world.stack.packets.size() == 128);
    CHECK_FALSE(world.card.listening);
    SafePoint::run();
    SafePoint::run();
    CHECK(world.stack.packets.size() == 300);
    CHECK(world.card.listening);
    world.stack.release_all();
}

TEST_CASE("without memory the card works with what it has, and takes buffers as they come back") {
    World world;
    frames_left = 1; // two buffers
    world.connect();
    CHECK(world.card.offered.size() == 2);
    world.card.arriving = {60, 60};
    world.card.schedule_work();
    SafePoint::run();
    CHECK(world.card.offered.empty());
    world.stack.release_all();
    SafePoint::run();
    CHECK(world.card.offered.size() == 2);
}

TEST_CASE("a card with short addresses gets low memory alone") {
    World world(os::net::Reach::below_4_gib);
    allocations_below = 0;
    world.connect();
    CHECK(allocations_below == frames.size());
    CHECK(allocations_below > 0);
}

TEST_CASE("one doorbell serves all that a system call sends") {
    World world;
    world.connect();
    int owners[3];
    for (int& owner : owners)
        CHECK(world.send(1, &owner).ok());
    CHECK(world.card.doorbells == 0);
    SafePoint::run();
    CHECK(world.card.doorbells == 1);
    world.card.done = 3;
    world.card.reclaim();
    CHECK(world.stack.owners == std::vector<void*>{&owners[0], &owners[1], &owners[2]});
}

TEST_CASE("a full ring refuses, asks for an interrupt, and says when there is room for any frame") {
    World world;
    world.connect();
    int owner = 0;
    CHECK(world.send(10, &owner).ok());
    CHECK(world.send(10, &owner).ok());
    CHECK(world.send(12, &owner).error() == os::Errno::eagain);
    CHECK(world.send(1, &owner).error() == os::Errno::eagain); // no overtaking
    SafePoint::run();
    CHECK(world.card.doorbells > 0);
    CHECK(world.card.listening);
    CHECK((world.card.listens_for == FakeCard::Listen::for_frames_and_room));
    CHECK(world.stack.possible == 0);
    world.card.done = 1;
    world.card.schedule_work();
    SafePoint::run();
    CHECK(world.stack.possible == 1);
    CHECK((world.card.listens_for == FakeCard::Listen::for_frames));
    CHECK(world.send(1, &owner).ok());
}

TEST_CASE("frames that a card of this kind cannot send are refused") {
    World world;
    world.connect();
    int owner = 0;
    CHECK(world.send(0, &owner).error() == os::Errno::einval);
    CHECK(world.send(1, &owner, 1515).error() == os::Errno::einval);
    CHECK(world.send(1, &owner, 1514).ok());
}

TEST_CASE("the stack hears of the link when it changes, and only then") {
    World world;
    world.connect();
    world.card.schedule_link_check();
    SafePoint::run();
    CHECK(world.stack.link_changes == 0);
    world.card.link = false;
    world.card.schedule_link_check();
    SafePoint::run();
    CHECK(world.stack.link_changes == 1);
    CHECK_FALSE(world.card.link_up());
}

TEST_CASE("a broken card is reported once and left alone") {
    World world;
    world.connect();
    world.card.breaks = true;
    world.card.schedule_work();
    SafePoint::run();
    world.card.schedule_work();
    SafePoint::run();
    CHECK(warnings == 1);
    CHECK_FALSE(world.card.listening);
    CHECK(scheduled.empty());
    int owner = 0;
    CHECK(world.send(1, &owner).error() == os::Errno::eio);
}
