#include "fake_channel.hpp"

namespace {

constexpr std::int64_t k_second = 1'000'000'000;

os::block::BlockDevice& attach(FakeChannel& fake) {
    REQUIRE(fake.channel->start().ok());
    REQUIRE(os::ata::attach_disk(*fake.channel, fake.unit, "here").ok());
    return *os::block::registered_devices().back();
}

void check_transfers(FakeChannel& fake, MutableBytes buffer) {
    auto& disk = attach(fake);
    REQUIRE(disk.sector_count() == 512);
    REQUIRE(disk.transfer(os::block::Direction::read, 100, buffer).ok());
    CHECK(std::memcmp(buffer.data(), &fake.disk[100 * 512], buffer.size()) == 0);
    std::memset(buffer.data(), 0x5a, buffer.size());
    const std::uint64_t last = 512 - buffer.size() / 512;
    REQUIRE(disk.transfer(os::block::Direction::write, last, buffer).ok());
    CHECK(fake.disk[last * 512] == 0x5a);
    CHECK(fake.disk.back() == 0x5a);
    CHECK(fake.disk[last * 512 - 1] != 0x5a);
    CHECK(disk.flush().ok());
    CHECK(host::warnings.empty());
}

struct Buffer {
    std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(8 * 512, 0xcc);
    operator MutableBytes() { return {bytes.data(), bytes.size()}; }
};

Command read_command(Protocol protocol) {
    return {.opcode = protocol == Protocol::dma_in ? std::uint8_t{0x25} : std::uint8_t{0x24},
            .protocol = protocol,
            .width = os::ata::Width::bits_48,
            .lba = 100,
            .count = 8,
            .block_bytes = 512};
}

} // namespace

TEST_CASE("a disk is read and written by the bus master, in memory that it reaches or not") {
    auto& fake = *new FakeChannel(Mover::bus_master);
    Buffer high;
    SUBCASE("below 4 GiB, over a border of 64 KiB") {
        std::uint8_t* low = host::low_memory(3 * 65536);
        const auto border = (reinterpret_cast<std::uint64_t>(low) | 65535) + 1;
        check_transfers(fake, {reinterpret_cast<std::uint8_t*>(border) - 1024, 65536});
    }
    SUBCASE("above") {
        check_transfers(fake, high);
    }
    SUBCASE("as the second device") {
        fake.unit = 1;
        check_transfers(fake, high);
    }
    SUBCASE("with 28 bits") {
        fake.identity.set(83, 0);
        check_transfers(fake, high);
    }
    SUBCASE("without interrupts") {
        fake.interrupts = false;
        check_transfers(fake, high);
    }
    CHECK(fake.tables == 2);
}

TEST_CASE("without a bus master, or a disk that works with one, the processor moves the data") {
    Buffer buffer;
    SUBCASE("no bus master") {
        auto& fake = *new FakeChannel(Mover::processor);
        check_transfers(fake, buffer);
        CHECK(fake.tables == 0);
    }
    SUBCASE("an old disk") {
        auto& fake = *new FakeChannel(Mover::bus_master);
        fake.identity.set(49, 0x0200).set(83, 0);
        check_transfers(fake, buffer);
        CHECK(fake.tables == 0);
    }
    SUBCASE("a quick one") {
        auto& fake = *new FakeChannel(Mover::processor, 1);
        fake.instant = true;
        fake.interrupts = false;
        check_transfers(fake, buffer);
    }
}

TEST_CASE("an error that the device reports is its answer") {
    for (const Protocol protocol : {Protocol::dma_in, Protocol::pio_in}) {
        FakeChannel fake(Mover::bus_master);
        Buffer buffer;
        fake.fails = true;
        const auto answer = fake.channel->execute(0, read_command(protocol), buffer);
        REQUIRE(answer.ok());
        CHECK(answer.value().failed());
        CHECK(answer.value().error == 0x40);
        CHECK_FALSE(fake.running);
        fake.fails = false;
        CHECK_FALSE(fake.channel->execute(0, read_command(protocol), buffer).value().failed());
    }
}

TEST_CASE("an error of the bus is one of the transfer") {
    FakeChannel fake(Mover::bus_master);
    Buffer buffer;
    fake.bus_error = true;
    const auto answer = fake.channel->execute(0, read_command(Protocol::dma_in), buffer);
    REQUIRE(answer.ok());
    CHECK(answer.value().failed());
    CHECK(buffer.bytes[0] == 0xcc);
}

TEST_CASE("a device that says nothing is waited for until the patience ends, then reset") {
    for (const Protocol protocol : {Protocol::dma_in, Protocol::pio_in}) {
        FakeChannel fake(Mover::bus_master);
        Buffer buffer;
        fake.silent = true;
        const auto before = host::now;
        CHECK(fake.channel->execute(0, read_command(protocol), buffer).error() == Errno::etimedout);
        CHECK((host::now - before).value >= 10 * k_second);
        CHECK((host::now - before).value <= 11 * k_second);
        CHECK_FALSE(fake.running); // nothing reaches memory any more
        CHECK(fake.channel->reset().ok());
        CHECK(fake.resets == 1);
        fake.silent = false;
        CHECK(fake.channel->execute(0, read_command(protocol), buffer).ok());
    }
}

TEST_CASE("a reset that does not help ends too") {
    FakeChannel fake(Mover::bus_master);
    fake.comes_back = false;
    const auto before = host::now;
    CHECK(fake.channel->reset().error() == Errno::etimedout);
    CHECK((host::now - before).value <= 11 * k_second);
    Buffer buffer;
    CHECK(fake.channel->execute(0, read_command(Protocol::dma_in), buffer).error() ==
          Errno::etimedout);
    CHECK((host::now - before).value <= 22 * k_second);
}

TEST_CASE("a device that trickles its data has no more time than one that says nothing") {
    FakeChannel fake(Mover::processor);
    Buffer buffer;
    fake.slow = 9 * k_second;
    const auto before = host::now;
    CHECK(fake.channel->execute(0, read_command(Protocol::pio_in), buffer).error() ==
          Errno::etimedout);
    CHECK((host::now - before).value <= 20 * k_second);
}

TEST_CASE("a controller or disk that disappears is noticed at once") {
    for (const Protocol protocol : {Protocol::dma_in, Protocol::pio_in}) {
        FakeChannel fake(Mover::bus_master);
        Buffer buffer;
        fake.silent = true;
        SUBCASE("meanwhile") {
            fake.during = [&] { fake.gone = true; };
        }
        SUBCASE("before") {
            fake.gone = true;
        }
        SUBCASE("the disk alone") {
            fake.unit = 1;
        }
        const auto before = host::now;
        CHECK(fake.channel->execute(0, read_command(protocol), buffer).error() == Errno::enodev);
        CHECK((host::now - before).value < k_second);
        fake.channel->cut_off();
    }
}

TEST_CASE("a device that wants more data moved than was asked for is not believed") {
    FakeChannel fake(Mover::processor);
    Buffer buffer;
    fake.never_lets_go = true;
    CHECK(fake.channel->execute(0, read_command(Protocol::pio_in), buffer).error() ==
          Errno::etimedout);
    CHECK(fake.channel->reset().ok());
}

TEST_CASE("an interrupt of somebody else on a shared line changes nothing") {
    FakeChannel fake(Mover::bus_master);
    Buffer buffer;
    fake.silent = true;
    int others = 0;
    fake.during = [&] {
        fake.channel->collect();
        ++others;
        fake.silent = false;
    };
    CHECK(fake.channel->execute(0, read_command(Protocol::dma_in), buffer).ok());
    CHECK(others == 1);
    CHECK(std::memcmp(buffer.bytes.data(), &fake.disk[100 * 512], 4096) == 0);
}

TEST_CASE("ports that nobody listens at are no channel") {
    FakeChannel fake(Mover::bus_master);
    CHECK(fake.channel->start().ok());
    fake.gone = true;
    CHECK(fake.channel->start().error() == Errno::enodev);
}

TEST_CASE("memory is cut at multiples of 64 KiB") {
    Region regions[k_most_regions];
    CHECK(describe(0x20000, 65536, regions) == 1);
    CHECK(regions[0].address == 0x20000);
    CHECK(regions[0].size == 0);
    CHECK(regions[0].flags == k_last_region);
    CHECK(describe(0x2fffe, 4, regions) == 2);
    CHECK(regions[0].size == 2);
    CHECK(regions[0].flags == 0);
    CHECK(regions[1].address == 0x30000);
    CHECK(regions[1].size == 2);
    CHECK(regions[1].flags == k_last_region);
    CHECK(describe(0xfffffe00, 512, regions) == 1);
    CHECK(describe(0x2fe00, 65536, regions) == 2);
    CHECK(regions[0].size == 512);
    CHECK(regions[1].size == 65024);
}
