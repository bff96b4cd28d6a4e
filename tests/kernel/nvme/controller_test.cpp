#include "fake_controller.hpp"

using os::Errno;
using os::MutableBytes;
using os::block::Direction;

namespace {

constexpr std::int64_t k_second = 1'000'000'000;

struct Buffer {
    explicit Buffer(std::size_t size = 8 * 512, std::size_t from = 0)
        : memory(host::low_memory(1 << 20) + from), bytes(memory, size) {
        std::memset(memory, 0xcc, size);
    }
    operator MutableBytes() { return bytes; }
    std::uint8_t* memory;
    MutableBytes bytes;
};

} // namespace

TEST_CASE("a namespace is read and written, wherever the memory begins and ends") {
    FakeController fake;
    auto& disk = fake.attach();
    CHECK(disk.sector_count() == 512);
    CHECK(disk.sector_size() == 512);
    CHECK(disk.most_bytes() == 65536);
    SUBCASE("by interrupts") {}
    SUBCASE("by looking") {
        fake.interrupts = false;
    }
    SUBCASE("before anybody looks") {
        fake.instant = true;
        fake.interrupts = false;
    }
    for (const std::size_t from : {0U, 4U, 2048U, 3584U, 4092U})
        for (const std::size_t size : {512U, 4096U, 4608U, 8192U, 65536U}) {
            Buffer buffer(size, from);
            REQUIRE(disk.transfer(Direction::read, 100, buffer).ok());
            CHECK(std::memcmp(buffer.memory, &fake.disk[100 * 512], size) == 0);
            CHECK(buffer.memory[size] == 0);
            std::memset(buffer.memory, static_cast<int>(size / 512 + from), size);
            REQUIRE(disk.transfer(Direction::write, 200, buffer).ok());
            CHECK(std::memcmp(buffer.memory, &fake.disk[200 * 512], size) == 0);
            CHECK(fake.disk[200 * 512 + size] ==
                  static_cast<std::uint8_t>((200 * 512 + size) * 7 + 200 + size / 512));
            for (std::size_t i = 200 * 512; i < 200 * 512 + size; ++i)
                fake.disk[i] = static_cast<std::uint8_t>(i * 7 + i / 512);
        }
    CHECK(disk.flush().ok());
    CHECK(host::warnings.empty());
}

TEST_CASE("requests go on when the rings have gone round") {
    FakeController fake;
    auto& disk = fake.attach();
    Buffer buffer;
    for (unsigned i = 0; i < 200; ++i) {
        REQUIRE(disk.transfer(Direction::read, i, buffer).ok());
        REQUIRE(std::memcmp(buffer.memory, &fake.disk[i * 512], 4096) == 0);
    }
}

TEST_CASE("an error that the device reports is told with its reason, and is no more than that") {
    FakeController fake;
    auto& disk = fake.attach();
    Buffer buffer;
    fake.fails = 0x281;
    CHECK(disk.transfer(Direction::read, 17, buffer).error() == Errno::eio);
    CHECK(host::warned("reading of 8 sectors at 17 failed: the medium cannot be read"));
    CHECK(disk.flush().error() == Errno::eio);
    fake.fails = 0;
    CHECK(disk.transfer(Direction::read, 17, buffer).ok());
    CHECK(fake.starts_seen == 1);
}

TEST_CASE("a controller that says nothing is reset after the patience, and goes on") {
    FakeController fake;
    auto& disk = fake.attach();
    Buffer buffer;
    fake.silent = true;
    const auto before = host::now;
    CHECK(disk.transfer(Direction::read, 0, buffer).error() == Errno::eio);
    CHECK((host::now - before).value >= 10 * k_second);
    CHECK((host::now - before).value <= 11 * k_second);
    CHECK(fake.starts_seen == 2);
    CHECK(fake.cuts == 0);
    CHECK(host::warned("was reset"));
    fake.silent = false;
    for (int i = 0; i < 100; ++i)
        CHECK(disk.transfer(Direction::read, 0, buffer).ok());
}

TEST_CASE("a completion that fits no request leads to a reset at once") {
    FakeController fake;
    auto& disk = fake.attach();
    Buffer buffer;
    REQUIRE(disk.transfer(Direction::read, 0, buffer).ok());
    using os::nvme::Completion;
    SUBCASE("a number that is not out") {
        fake.distort = [](Completion& completion) { completion.id = 5; };
    }
    SUBCASE("a number beyond all") {
        fake.distort = [](Completion& completion) { completion.id = 0xffff; };
    }
    SUBCASE("of another queue") {
        fake.distort = [](Completion& completion) { completion.commands_queue = 0; };
    }
    SUBCASE("a place beyond the ring") {
        fake.distort = [](Completion& completion) { completion.commands_head = 1000; };
    }
    const auto before = host::now;
    CHECK(disk.transfer(Direction::read, 0, buffer).error() == Errno::eio);
    CHECK((host::now - before).value < k_second);
    CHECK(fake.starts_seen == 2);
    fake.distort = nullptr;
    CHECK(disk.transfer(Direction::read, 0, buffer).ok());
}

TEST_CASE("a completion that comes twice leads to a reset") {
    FakeController fake;
    auto& disk = fake.attach();
    Buffer buffer;
    fake.distort = [&](os::nvme::Completion& completion) {
        fake.distort = nullptr;
        fake.complete(1, fake.io_entries, completion);
    };
    CHECK(disk.transfer(Direction::read, 0, buffer).ok()); // the first of them
    CHECK(disk.transfer(Direction::read, 0, buffer).error() == Errno::eio);
    CHECK(fake.starts_seen == 2);
    CHECK(disk.transfer(Direction::read, 0, buffer).ok());
}

TEST_CASE("a controller that reports its own failure is reset at once") {
    FakeController fake;
    auto& disk = fake.attach();
    Buffer buffer;
    fake.silent = true;
    fake.during = [&] { fake.registers[os::nvme::k_status] |= os::nvme::k_status_fatal; };
    const auto before = host::now;
    CHECK(disk.transfer(Direction::read, 0, buffer).error() == Errno::eio);
    CHECK((host::now - before).value < k_second);
    CHECK(fake.starts_seen == 2);
}

TEST_CASE("a controller that is gone is not waited for, and later requests fail at once") {
    FakeController fake;
    auto& disk = fake.attach();
    Buffer buffer;
    SUBCASE("all ones") {}
    SUBCASE("all zeroes") {
        fake.gone_value = 0;
    }
    fake.during = [&] { fake.gone = true; };
    auto before = host::now;
    CHECK(disk.transfer(Direction::read, 0, buffer).error() == Errno::eio);
    CHECK((host::now - before).value < k_second);
    CHECK(fake.cuts >= 1);
    CHECK(host::warned("the device is gone"));
    before = host::now;
    CHECK(disk.transfer(Direction::read, 0, buffer).error() == Errno::eio);
    CHECK(disk.flush().error() == Errno::eio);
    CHECK(host::now == before);
    CHECK(host::warnings.size() == 1);
}

TEST_CASE("a controller that a reset does not help is given up and reaches no memory") {
    FakeController fake;
    auto& disk = fake.attach();
    Buffer buffer;
    fake.silent = true;
    bool off = false;
    SUBCASE("it does not stop") {
        fake.stops = false;
    }
    SUBCASE("it does not start") {
        fake.starts = false;
        off = true;
    }
    SUBCASE("it takes no commands") {
        fake.during = [&] { fake.mute = true; };
        off = true;
    }
    SUBCASE("it is another one") {
        fake.identity[4] = 'X';
        off = true;
    }
    const auto before = host::now;
    CHECK(disk.transfer(Direction::read, 0, buffer).error() == Errno::eio);
    CHECK((host::now - before).value <= 40 * k_second);
    CHECK(fake.cuts == (off ? 0 : 1));
    CHECK((fake.registers[os::nvme::k_status] == 0) == off);
    CHECK(host::warned("given up"));
    CHECK(disk.transfer(Direction::read, 0, buffer).error() == Errno::eio);
    CHECK(host::warnings.size() == 1);
}

TEST_CASE("a controller that does not start, or is not ours, is left switched off") {
    FakeController fake;
    SUBCASE("it does not start") {
        fake.starts = false;
    }
    SUBCASE("it takes no commands") {
        fake.mute = true;
    }
    SUBCASE("its entries are larger") {
        fake.identity[512] = 0x77;
    }
    SUBCASE("it has no disks") {
        fake.identity[111] = 2;
    }
    SUBCASE("it is gone") {
        fake.gone = true;
    }
    const auto before = host::now;
    CHECK_FALSE(fake.create().start().ok());
    CHECK((host::now - before).value <= 20 * k_second);
    CHECK(((fake.registers[os::nvme::k_status] & 1) == 0 || fake.cuts > 0));
}

TEST_CASE("memory that runs out is an error") {
    FakeController fake;
    host::out_of_frames = true;
    CHECK(fake.create().start().error() == Errno::enomem);
    host::out_of_frames = false;
}

TEST_CASE("a late interrupt finds the rings whole") {
    FakeController fake;
    fake.create().collect();
    REQUIRE(fake.controller->start().ok());
    fake.controller->collect();
}

TEST_CASE("namespaces are listed, or tried where there is no list") {
    FakeController fake;
    REQUIRE(fake.create().start().ok());
    std::uint32_t ids[4] = {};
    const auto listed = [&] { return fake.controller->list_namespaces(ids).value(); };
    fake.list = {2, 5, 9};
    CHECK(listed() == 3);
    CHECK(ids[2] == 9);
    fake.list = {2, 5, 5, 9}; // not ascending
    CHECK(listed() == 2);
    fake.list = std::vector<std::uint32_t>(1024);
    for (unsigned i = 0; i < 1024; ++i)
        fake.list[i] = i + 1;
    CHECK(listed() == 4);
    fake.list.assign(1, 0);
    CHECK(listed() == 0);
    fake.lists = false;
    CHECK(listed() == 1);
    fake.lists = true;
    fake.registers[os::nvme::k_version] = 0x00010000;
    fake.list = {7};
    CHECK(listed() == 1);
    CHECK(ids[0] == 1);
    CHECK(fake.controller->identify_namespace(1).value().sectors == 512);
    CHECK(fake.controller->identify_namespace(3).value().sectors == 0);
}
