#include "ata_identity.hpp"

#include <random>

#include <ata/identity.hpp>
#include <doctest/doctest.h>

using host::AtaIdentity;
using host::modern_disk;
using os::Errno;
using os::ata::Identity;
using os::ata::Width;

namespace {
os::Result<Identity> parse(const AtaIdentity& identity) {
    return os::ata::parse_identity({identity.bytes.data(), identity.bytes.size()});
}
} // namespace

TEST_CASE("a disk of our time is addressed with 48 bits and moves data by itself") {
    const auto parsed = parse(modern_disk(1ULL << 40).seal());
    REQUIRE(parsed.ok());
    const Identity& identity = parsed.value();
    CHECK(identity.sectors == 1ULL << 40);
    CHECK(identity.sector_size == 512);
    CHECK(identity.physical_sector_size == 512);
    CHECK(identity.width == Width::bits_48);
    CHECK(identity.dma);
    CHECK(identity.flush_opcode == 0xea);
}

TEST_CASE("an old disk is addressed with 28 bits") {
    AtaIdentity disk = modern_disk(1000);
    disk.set(83, 0).number(60, 0x0fffffff, 2).number(100, 77, 4);
    const auto parsed = parse(disk);
    REQUIRE(parsed.ok());
    CHECK(parsed.value().width == Width::bits_28);
    CHECK(parsed.value().sectors == 0x0fffffff);
    CHECK(parsed.value().flush_opcode == 0xe7); // it has a cache
    CHECK(parse(disk.set(82, 0)).value().flush_opcode == 0);
    CHECK_FALSE(parse(disk.set(49, 0x0200)).value().dma);
}

TEST_CASE("words that do not say they are valid mean nothing") {
    CHECK(parse(modern_disk(1000).set(83, 0xb400)).value().width == Width::bits_28);
    CHECK(parse(modern_disk(1000).set(83, 0xffff)).value().width == Width::bits_28);
    const auto parsed = parse(modern_disk(1000).set(106, 0xf003).number(117, 3, 2));
    CHECK(parsed.value().sector_size == 512);
    CHECK(parsed.value().physical_sector_size == 512);
}

TEST_CASE("sectors may be of other sizes than 512 bytes") {
    const auto large = parse(modern_disk(1000).set(106, 0x5000).number(117, 2048, 2));
    CHECK(large.value().sector_size == 4096);
    CHECK(large.value().physical_sector_size == 4096);
    const auto emulated = parse(modern_disk(1000).set(106, 0x6003));
    CHECK(emulated.value().sector_size == 512);
    CHECK(emulated.value().physical_sector_size == 4096);
    for (const std::uint64_t words : {0ULL, 1ULL, 255ULL, 300ULL, 4096ULL, 0xffffffffULL})
        CHECK(parse(modern_disk(1000).set(106, 0x5000).number(117, words, 2)).error() ==
              Errno::einval);
}

TEST_CASE("a capacity of nothing, or beyond what commands reach, is refused") {
    CHECK(parse(modern_disk(0)).error() == Errno::einval);
    CHECK(parse(modern_disk(1ULL << 48)).ok());
    CHECK(parse(modern_disk((1ULL << 48) + 1)).error() == Errno::einval);
    CHECK(parse(modern_disk(~0ULL)).error() == Errno::einval);
    CHECK(parse(modern_disk(1).set(83, 0).number(60, 0xffffffff, 2)).error() == Errno::einval);
}

TEST_CASE("what is no disk, has no LBA, or was damaged on its way is refused") {
    AtaIdentity nothing;
    CHECK(parse(nothing).error() == Errno::eopnotsupp);
    nothing.bytes.fill(0xff);
    CHECK_FALSE(parse(nothing).ok());
    CHECK(parse(modern_disk(1000).set(0, 0x85c0)).error() == Errno::enodev);
    CHECK(parse(modern_disk(1000).set(49, 0x0100)).error() == Errno::eopnotsupp);
    AtaIdentity damaged = modern_disk(1000).seal();
    damaged.bytes[120] = static_cast<std::uint8_t>(damaged.bytes[120] + 1);
    CHECK(parse(damaged).error() == Errno::eio);
    CHECK(os::ata::parse_identity({damaged.bytes.data(), 511}).error() == Errno::eio);
}

TEST_CASE("whatever a device says, a disk that is taken has sizes that make sense") {
    std::mt19937 random(1);
    unsigned taken = 0;
    for (int round = 0; round < 200'000; ++round) {
        AtaIdentity disk = modern_disk(1000);
        for (const unsigned word :
             {0U, 49U, 60U, 61U, 82U, 83U, 100U, 102U, 103U, 106U, 117U, 118U})
            if (random() % 3 == 0)
                disk.set(word, random() & 0xffff);
        const auto parsed = parse(disk);
        if (!parsed.ok())
            continue;
        ++taken;
        const Identity& identity = parsed.value();
        CHECK(identity.sectors > 0);
        CHECK(identity.sectors <= 1ULL << (identity.width == Width::bits_48 ? 48 : 28));
        CHECK(identity.sector_size >= 512);
        CHECK(identity.sector_size <= 4096);
        CHECK((identity.sector_size & (identity.sector_size - 1)) == 0);
    }
    CHECK(taken > 1000);
}

TEST_CASE("a command has the opcode of its width, mover and direction") {
    using os::ata::Mover;
    using os::block::Direction;
    Identity identity;
    const auto opcode = [&](Mover mover, Direction direction) {
        return os::ata::transfer_command(identity, mover, direction, 0, 1).opcode;
    };
    CHECK(opcode(Mover::processor, Direction::read) == 0x20);
    CHECK(opcode(Mover::processor, Direction::write) == 0x30);
    CHECK(opcode(Mover::bus_master, Direction::read) == 0xc8);
    CHECK(opcode(Mover::bus_master, Direction::write) == 0xca);
    identity.width = Width::bits_48;
    CHECK(opcode(Mover::processor, Direction::read) == 0x24);
    CHECK(opcode(Mover::processor, Direction::write) == 0x34);
    CHECK(opcode(Mover::bus_master, Direction::read) == 0x25);
    CHECK(opcode(Mover::bus_master, Direction::write) == 0x35);
}

TEST_CASE("the top of a 28-bit address goes into the device register") {
    os::ata::Command command{.lba = 0x0abcdef1};
    CHECK(command.device_register(0) == 0xea);
    CHECK(command.device_register(1) == 0xfa);
    CHECK(command.lba_byte(0) == 0xf1);
    CHECK(command.lba_byte(2) == 0xbc);
    command.width = Width::bits_48;
    CHECK(command.device_register(1) == 0xf0);
    CHECK(command.lba_byte(3) == 0x0a);
}
