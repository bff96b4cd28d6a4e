#include "fake_disk_machine.hpp"

#include "ata_identity.hpp"

#include <memory>

#include <doctest/doctest.h>
#include <ide/channel.hpp>
#include <ide/region_table.hpp>

using os::Errno;
using os::MutableBytes;
using os::ata::Answer;
using os::ata::Command;
using os::ata::Mover;
using os::ata::Protocol;
using namespace os::ide;

namespace {

constexpr std::int64_t k_second = 1'000'000'000;

// A channel with a disk of 256 KiB as one of its two devices, and what may be wrong with it.
class FakeChannel final : public Ports {
public:
    explicit FakeChannel(Mover mover, unsigned with_unit = 0) : unit(with_unit) {
        host::warnings.clear();
        host::device = [this] { work(); };
        for (std::size_t i = 0; i < disk.size(); ++i)
            disk[i] = static_cast<std::uint8_t>(i * 7 + i / 512);
        channel = std::make_unique<Channel>(*this, mover, host::frame_of(table));
        REQUIRE(channel->start().ok());
    }
    ~FakeChannel() override { host::device = nullptr; }

    bool selected() const { return (device >> 4 & 1) == unit; }

    std::uint8_t read(Register which) override {
        if (gone)
            return 0xff;
        switch (which) {
        case Register::status:
        case Register::control: return selected() ? status : 0;
        case Register::error: return error;
        case Register::master_status: return static_cast<std::uint8_t>(master_status | 0x60);
        default: return 0;
        }
    }

    void write(Register which, std::uint8_t value) override {
        if (gone)
            return;
        switch (which) {
        case Register::device: device = value; break;
        case Register::control:
            if ((control & k_software_reset) != 0 && (value & k_software_reset) == 0) {
                ++resets;
                status = comes_back ? 0x50 : 0x80;
                pending = 0;
            }
            control = value;
            break;
        case Register::master_command:
            if ((value & k_master_start) == 0)
                running = false;
            else
                running = true;
            to_memory = (value & k_master_to_memory) != 0;
            break;
        case Register::master_status: master_status &= static_cast<std::uint8_t>(~value); break;
        case Register::status: begin(value); break;
        default:
            file[0][static_cast<unsigned>(which)] = file[1][static_cast<unsigned>(which)];
            file[1][static_cast<unsigned>(which)] = value;
        }
    }
    void set_region_table(std::uint32_t) override { ++tables; }

    std::uint64_t low(Register which) const { return file[1][static_cast<unsigned>(which)]; }
    std::uint64_t high(Register which) const { return file[0][static_cast<unsigned>(which)]; }

    void begin(std::uint8_t opcode) {
        ++commands;
        CHECK((device & 0xe0) == 0xe0);
        const bool wide = opcode == 0x24 || opcode == 0x34 || opcode == 0x25 || opcode == 0x35;
        lba =
            low(Register::lba_low) | low(Register::lba_middle) << 8 | low(Register::lba_high) << 16;
        std::uint64_t count = low(Register::count);
        if (wide) {
            lba |= high(Register::lba_low) << 24;
            count |= high(Register::count) << 8;
        } else {
            lba |= static_cast<std::uint64_t>(device & 0xf) << 24;
        }
        left = opcode == 0xec ? 512 : count * 512;
        at = opcode == 0xec ? identity.bytes.data() : &disk.at(lba * 512);
        pending = opcode;
        status = 0xd0; // busy
        if (instant)
            work();
    }

    // What the device does by itself.
    void work() {
        if (during)
            std::exchange(during, nullptr)();
        if (slow > 0 && pending == 0 && left > 0) {
            host::now = host::now + os::Nanoseconds{slow};
            status = 0x58;
        }
        if (gone || silent || pending == 0)
            return;
        const std::uint8_t opcode = std::exchange(pending, std::uint8_t{0});
        if (fails) {
            status = 0x51;
            error = 0x40;
            running = false;
            master_status |= k_master_interrupt;
        } else if (opcode == 0xe7 || opcode == 0xea) {
            status = 0x50;
        } else if (opcode == 0x25 || opcode == 0xc8 || opcode == 0x35 || opcode == 0xca) {
            if (!running) {
                pending = opcode;
                return;
            }
            move_by_regions();
            status = 0x50;
            master_status |= k_master_interrupt;
            if (bus_error)
                master_status |= k_master_error;
        } else {
            status = 0x58; // wants data moved
        }
        if (interrupts)
            channel->collect();
    }

    void move_by_regions() {
        const auto* region = reinterpret_cast<const Region*>(table);
        for (bool last = false; !last && left > 0; ++region) {
            const std::uint32_t address = region->address;
            const std::size_t size = region->size == 0 ? 65536 : std::size_t{region->size};
            REQUIRE(address / 65536 == (address + size - 1) / 65536);
            REQUIRE(size <= left);
            if (to_memory)
                std::memcpy(host::pointer(address), at, size);
            else
                std::memcpy(at, host::pointer(address), size);
            at += size;
            left -= size;
            last = region->flags == k_last_region;
        }
        CHECK(left == 0);
    }

    void move(std::size_t size) {
        CHECK(size == 512);
        CHECK((status & Answer::k_data_request) != 0);
        at += size;
        left -= size;
        status = left > 0 ? 0x58 : never_lets_go ? 0x58 : 0x50;
        if (left > 0 && slow > 0)
            status = 0xd0;
    }
    void read_data(MutableBytes out) override {
        if (gone)
            return;
        std::memcpy(out.data(), at, out.size());
        move(out.size());
    }
    void write_data(os::Bytes data) override {
        std::memcpy(at, data.data(), data.size());
        move(data.size());
    }

    std::vector<std::uint8_t> disk = std::vector<std::uint8_t>(512 * 512);
    host::AtaIdentity identity = host::modern_disk(512);
    std::uint8_t* table = host::low_memory(4096);
    std::unique_ptr<Channel> channel;
    std::function<void()> during;
    unsigned unit;
    std::uint8_t device = 0, status = 0x50, error = 0, control = 0, master_status = 0, pending = 0;
    std::uint8_t file[2][8] = {}; // what was written before, and last
    std::uint64_t lba = 0, left = 0;
    std::uint8_t* at = nullptr;
    std::int64_t slow = 0;
    bool running = false, to_memory = false, gone = false, silent = false, fails = false;
    bool comes_back = true, interrupts = true, instant = false, never_lets_go = false;
    bool bus_error = false;
    int commands = 0, resets = 0, tables = 0;
};

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
