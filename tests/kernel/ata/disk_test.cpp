#include "fake_disk_machine.hpp"

#include "ata_identity.hpp"

#include <optional>

#include <ata/disk.hpp>
#include <ata/dma_memory.hpp>
#include <doctest/doctest.h>

using os::Errno;
using os::MutableBytes;
using os::Result;
using os::ata::Answer;
using os::ata::Command;
using os::block::Direction;

namespace {

class FakeLink final : public os::ata::Link {
public:
    FakeLink() { host::warnings.clear(); }

    Result<Answer> execute(unsigned unit, const Command& command, MutableBytes data) override {
        last_unit = unit;
        ++commands;
        if (failure)
            return *failure;
        if (command.opcode == 0xec) {
            if (!identifies)
                return Errno::etimedout;
            std::memcpy(data.data(), identity.bytes.data(), 512);
            return Answer{0x50, 0};
        }
        last = command;
        return answer;
    }
    Result<void> reset() override {
        ++resets;
        if (!comes_back)
            return Errno::etimedout;
        failure.reset();
        return {};
    }
    void cut_off() override { ++cuts; }
    os::ata::Mover mover() const override { return os::ata::Mover::bus_master; }

    // The disk that attach_disk registered for this link.
    os::block::BlockDevice& attach() {
        REQUIRE(os::ata::attach_disk(*this, 1, "somewhere").ok());
        return *os::block::registered_devices().back();
    }

    host::AtaIdentity identity = host::modern_disk(1000);
    std::optional<Errno> failure;
    Answer answer{0x50, 0};
    bool identifies = true;
    bool comes_back = true;
    Command last;
    unsigned last_unit = 9;
    int commands = 0;
    int resets = 0;
    int cuts = 0;
};

std::uint8_t g_buffer[4096];
const MutableBytes k_buffer{g_buffer, sizeof g_buffer};

std::size_t registered() {
    std::size_t count = 0;
    os::block::registered_devices().for_each([&](os::block::BlockDevice&) { ++count; });
    return count;
}

} // namespace

TEST_CASE("a disk takes its name and sizes, and passes requests on") {
    auto& link = *new FakeLink; // as the devices, for ever
    auto& disk = link.attach();
    CHECK(std::string(disk.name()).substr(0, 2) == "sd");
    CHECK(disk.sector_count() == 1000);
    CHECK(disk.sector_size() == 512);
    CHECK(disk.transfer(Direction::write, 17, k_buffer).ok());
    CHECK(link.last.opcode == 0x35);
    CHECK(link.last.lba == 17);
    CHECK(link.last.count == 8);
    CHECK(link.last_unit == 1);
    CHECK(disk.flush().ok());
    CHECK(link.last.opcode == 0xea);
}

TEST_CASE("an error that the device reports is told with its reason, and is no more than that") {
    auto& link = *new FakeLink;
    auto& disk = link.attach();
    link.answer = {0x51, 0x40};
    CHECK(disk.transfer(Direction::read, 17, k_buffer).error() == Errno::eio);
    CHECK(host::warned("reading of 8 sectors at 17 failed: the medium cannot be read"));
    CHECK(disk.flush().error() == Errno::eio);
    CHECK(link.resets == 0);
    link.answer = {0x50, 0};
    CHECK(disk.transfer(Direction::read, 17, k_buffer).ok());
}

TEST_CASE("a silent device is reset, and goes on when it is the same one") {
    auto& link = *new FakeLink;
    auto& disk = link.attach();
    link.failure = Errno::etimedout;
    CHECK(disk.transfer(Direction::read, 0, k_buffer).error() == Errno::eio);
    CHECK(link.resets == 1);
    CHECK(link.cuts == 0);
    CHECK(host::warned("was reset"));
    CHECK(disk.transfer(Direction::read, 0, k_buffer).ok());
}

TEST_CASE("a device that does not come back is given up and cut off, and later requests fail") {
    auto& link = *new FakeLink;
    auto& disk = link.attach();
    link.failure = Errno::etimedout;
    SUBCASE("its reset fails") {
        link.comes_back = false;
    }
    SUBCASE("it does not say who it is") {
        link.identifies = false;
    }
    CHECK(disk.transfer(Direction::read, 0, k_buffer).error() == Errno::eio);
    CHECK(link.resets == 1);
    CHECK(link.cuts >= 1);
    CHECK(host::warned("given up"));
    link.failure.reset();
    const int commands = link.commands;
    CHECK(disk.transfer(Direction::read, 0, k_buffer).error() == Errno::eio);
    CHECK(disk.flush().error() == Errno::eio);
    CHECK(link.commands == commands);
    CHECK(host::warnings.size() == 1);
}

TEST_CASE("another disk in the place of the first is never used") {
    auto& link = *new FakeLink;
    auto& disk = link.attach();
    link.failure = Errno::etimedout;
    SUBCASE("by its serial number") {
        link.identity = host::modern_disk(1000, 'B');
    }
    SUBCASE("by its size") {
        link.identity = host::modern_disk(999);
    }
    CHECK(disk.transfer(Direction::write, 0, k_buffer).error() == Errno::eio);
    CHECK(host::warned("another device"));
    CHECK(disk.transfer(Direction::write, 0, k_buffer).error() == Errno::eio);
}

TEST_CASE("a device that is gone is not waited for") {
    auto& link = *new FakeLink;
    auto& disk = link.attach();
    link.failure = Errno::enodev;
    CHECK(disk.transfer(Direction::read, 0, k_buffer).error() == Errno::eio);
    CHECK(link.resets == 0);
    CHECK(host::warned("the device is gone"));
    CHECK(disk.transfer(Direction::read, 0, k_buffer).error() == Errno::eio);
}

TEST_CASE("what is no disk is passed over in silence, and a bad disk is named") {
    const std::size_t before = registered();
    FakeLink link;
    link.failure = Errno::enodev;
    CHECK(os::ata::attach_disk(link, 0, "somewhere").ok());
    link.failure.reset();
    link.identity = host::modern_disk(1000).set(0, 0x85c0);
    CHECK(os::ata::attach_disk(link, 0, "somewhere").ok());
    CHECK(host::warnings.empty());

    link.identity = host::modern_disk(0);
    CHECK(os::ata::attach_disk(link, 0, "somewhere").ok());
    CHECK(host::warned("the disk at somewhere is not used: its sizes make no sense"));
    link.identifies = false;
    link.cuts = 0;
    CHECK(os::ata::attach_disk(link, 0, "elsewhere").ok());
    CHECK(host::warned("the disk at elsewhere is not used: it does not answer"));
    CHECK(link.cuts >= 1);
    CHECK(registered() == before);
}

TEST_CASE("a disk without a cache is flushed without a command") {
    auto& link = *new FakeLink;
    link.identity = host::modern_disk(1000).set(82, 0).set(83, 0x4400);
    auto& disk = link.attach();
    const int commands = link.commands;
    CHECK(disk.flush().ok());
    CHECK(link.commands == commands);
}

TEST_CASE("memory beyond a device's reach is copied through some that it reaches") {
    using os::ata::Addresses;
    using os::ata::DmaMemory;
    using os::ata::Protocol;
    std::vector<std::uint8_t> high(8192, 0x11);
    const MutableBytes data(high.data(), high.size());
    const Command in{.protocol = Protocol::dma_in};
    const Command out{.protocol = Protocol::dma_out};

    DmaMemory wide(Addresses::bits_64);
    CHECK(host::pointer(wide.prepare(in, data).value().value) == high.data());

    DmaMemory narrow(Addresses::bits_32);
    REQUIRE(narrow.reserve().ok());
    std::uint8_t* low = host::low_memory(4096);
    CHECK(narrow.prepare(in, {low, 4096}).value().value == reinterpret_cast<std::uint64_t>(low));
    narrow.finish(in, {low, 4096});

    const std::uint64_t copied = narrow.prepare(out, data).value().value;
    REQUIRE(copied < 1ULL << 32);
    CHECK(std::memcmp(host::pointer(copied), high.data(), high.size()) == 0);
    std::memset(host::pointer(copied), 0x22, high.size());
    narrow.finish(out, data);
    CHECK(high == std::vector<std::uint8_t>(8192, 0x11));
    CHECK(narrow.prepare(in, data).value().value == copied);
    narrow.finish(in, data);
    CHECK(high == std::vector<std::uint8_t>(8192, 0x22));

    CHECK(narrow.prepare({}, {}).ok()); // a command without data

    host::out_of_frames = true;
    DmaMemory without(Addresses::bits_32);
    CHECK(without.reserve().error() == Errno::enomem);
    CHECK(wide.reserve().ok());
    host::high_frames = false;
    CHECK(without.reserve().ok());
    host::high_frames = true;
    host::out_of_frames = false;
    CHECK_FALSE(without.prepare(in, data).ok());
    CHECK(without.prepare({}, {}).ok());
}
