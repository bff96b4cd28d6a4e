#include <doctest/doctest.h>

#include <optional>
#include <vector>

#include <block/request_slots.hpp>
#include <fake_disk.hpp>
#include <fake_waiting.hpp>

using namespace os;
using host::FakeDisk;

namespace {

std::vector<std::uint8_t> pattern(std::size_t size) {
    std::vector<std::uint8_t> bytes(size);
    for (std::size_t i = 0; i < size; ++i)
        bytes[i] = static_cast<std::uint8_t>(i * 7 + 3);
    return bytes;
}

// Slots of a device that may have answered without anybody noticing.
class Slots final : public block::RequestSlots {
public:
    Slots() : RequestSlots(&Slots::collect, this) {}

    std::optional<unsigned> unnoticed;
    int looks = 0;

private:
    static void collect(void* argument) {
        auto& self = *static_cast<Slots*>(argument);
        ++self.looks;
        if (self.unnoticed)
            CHECK(self.answer(*self.unnoticed));
    }
};

Result<std::size_t> read(FakeDisk& disk, std::uint64_t offset, std::vector<std::uint8_t>& out) {
    return block::read(disk, offset, {out.data(), out.size()});
}

bool holds(const FakeDisk& disk, std::uint64_t offset, const std::vector<std::uint8_t>& bytes,
           std::size_t count) {
    return std::memcmp(disk.bytes.data() + offset, bytes.data(), count) == 0;
}

} // namespace

TEST_CASE("bytes at any offset are read, from sectors of any size") {
    for (const std::uint32_t sector : {512U, 4096U}) {
        FakeDisk disk(64, sector, 8192);
        for (std::uint64_t offset = 0; offset < disk.bytes.size(); offset += 1777)
            for (const std::size_t size : {1U, 511U, 512U, 5000U, 20'000U}) {
                std::vector<std::uint8_t> out(size);
                const std::size_t left = disk.bytes.size() - static_cast<std::size_t>(offset);
                const std::size_t got = read(disk, offset, out).value();
                REQUIRE(got == (size < left ? size : left));
                REQUIRE(holds(disk, offset, out, got));
            }
    }
    CHECK(host::living_buffers == 0);
}

TEST_CASE("bytes at any offset are written and nothing beside them changes") {
    for (const std::uint32_t sector : {512U, 4096U})
        for (std::uint64_t offset = 0; offset < 40'000; offset += 4801)
            for (const std::size_t size : {1U, 512U, 4096U, 9001U, 30'000U}) {
                FakeDisk disk(16 * 4096 / sector, sector, 8192);
                std::vector<std::uint8_t> expected = disk.bytes;
                const std::vector<std::uint8_t> bytes = pattern(size);
                const std::size_t put =
                    block::write(disk, offset, {bytes.data(), bytes.size()}).value();
                const std::size_t left = expected.size() - static_cast<std::size_t>(offset);
                REQUIRE(put == (size < left ? size : left));
                std::memcpy(expected.data() + offset, bytes.data(), put);
                REQUIRE(disk.bytes == expected);
            }
}

TEST_CASE("nothing lies beyond the end") {
    FakeDisk disk(8, 512, 4096);
    std::vector<std::uint8_t> out(100);
    CHECK(read(disk, 4096, out).value() == 0);
    CHECK(read(disk, UINT64_MAX, out).value() == 0);
    CHECK(block::write(disk, 5000, {out.data(), out.size()}).value() == 0);
    CHECK(disk.reads == 0);
    CHECK(disk.writes == 0);
}

TEST_CASE("whole sectors are written without being read") {
    FakeDisk disk(16, 512, 4096);
    const std::vector<std::uint8_t> bytes = pattern(2048);
    CHECK(block::write(disk, 512, {bytes.data(), bytes.size()}).ok());
    CHECK(disk.reads == 0);
    CHECK(disk.writes == 1);
    CHECK(block::write(disk, 512, {bytes.data(), 1500}).ok());
    CHECK(disk.reads == 1); // only the last sector, which is partial
    CHECK(disk.writes == 3);
}

TEST_CASE("memory that a device can reach is not copied") {
    FakeDisk disk(64, 512, 4096);
    std::vector<std::uint8_t> out(10'000);
    host::transferable = out.data();
    CHECK(read(disk, 512, out).value() == out.size());
    CHECK(holds(disk, 512, out, out.size()));
    CHECK(disk.reads == 4); // three as they are, the rest through a buffer
    const std::vector<std::uint8_t> bytes = pattern(10'000);
    host::transferable = bytes.data();
    CHECK(block::write(disk, 1024, {bytes.data(), bytes.size()}).value() == bytes.size());
    CHECK(holds(disk, 1024, bytes, bytes.size()));
    host::transferable = nullptr;
}

TEST_CASE("little memory makes small transfers") {
    FakeDisk disk(64, 512, 1 << 20);
    host::largest_buffer = 4096;
    std::vector<std::uint8_t> out(20'000);
    CHECK(read(disk, 100, out).value() == out.size());
    CHECK(holds(disk, 100, out, out.size()));
    CHECK(disk.largest == 4096);
    host::largest_buffer = 128 * 1024;
}

TEST_CASE("errors come through, and a read-only disk is not written") {
    FakeDisk disk(16, 512, 4096);
    disk.bad_sectors = {3};
    std::vector<std::uint8_t> out(4096);
    CHECK(read(disk, 0, out).error() == Errno::eio);
    out.resize(1536);
    CHECK(read(disk, 0, out).ok());
    CHECK(block::write(disk, 1600, {out.data(), 10}).error() == Errno::eio); // reads sector 3
    disk.rights = block::Access::read_only;
    CHECK(block::write(disk, 0, {out.data(), 10}).error() == Errno::erofs);
    CHECK(host::living_buffers == 0);
}

TEST_CASE("who writes part of a sector keeps others from it meanwhile") {
    FakeDisk disk(16, 512, 4096);
    const std::uint8_t first[] = {1};
    const std::uint8_t second[] = {2};
    bool second_waited = false;
    // While the first one reads its sector, a second writer comes and must wait; in the one thread
    // there is, that wait can end by an exception only.
    disk.during_transfer = [&] {
        host::during_wait = [&]() -> threads::WakeReason {
            second_waited = true;
            throw 1;
        };
        try {
            (void)block::write(disk, 1, second);
        } catch (int) {}
        const std::uint8_t elsewhere[] = {3};
        CHECK(block::write(disk, 513, elsewhere).ok()); // another sector is free
    };
    CHECK(block::write(disk, 0, first).ok());
    CHECK(second_waited);
    CHECK(disk.bytes[0] == 1);
    CHECK(disk.bytes[513] == 3);
    CHECK(block::write(disk, 1, second).ok());
    CHECK(disk.bytes[1] == 2);
    CHECK(host::wakes > 0);
}

TEST_CASE("a device is registered once its sizes follow the rules") {
    FakeDisk good(16, 512, 4096);
    CHECK(block::register_device(good, "vd").ok());
    CHECK(std::string(good.name()) == "vda");
    CHECK(block::registered_devices().back() == &good);
    FakeDisk small_sectors(16, 256, 4096);
    FakeDisk large_sectors(16, 8192, 8192);
    FakeDisk odd_sectors(16, 520, 5200);
    FakeDisk small_transfers(16, 512, 2048);
    FakeDisk odd_transfers(16, 4096, 5000);
    for (FakeDisk* bad :
         {&small_sectors, &large_sectors, &odd_sectors, &small_transfers, &odd_transfers})
        CHECK(block::register_device(*bad, "vd").error() == Errno::einval);
    FakeDisk empty(0, 512, 4096);
    CHECK(block::register_device(empty, "vd").ok());
    CHECK(std::string(empty.name()) == "vdb");
    good.unlink();
    empty.unlink();
}

TEST_CASE("a bad disk is reported a few times, each with what and where") {
    FakeDisk disk(16, 512, 4096);
    CHECK(block::register_device(disk, "sd").ok());
    host::warnings.clear();
    for (int i = 0; i < 100; ++i)
        block::report_failure(disk, block::Direction::write, 77, 8, "it is broken");
    CHECK(host::warnings.size() == 8);
    CHECK(host::warnings[0] == "sda: writing of 8 sectors at 77 failed: it is broken [disk-error]");
    disk.unlink();
}

TEST_CASE("a request that is answered while its sender waits has ended well") {
    Slots slots;
    const unsigned slot = slots.take().value();
    host::during_wait = [&] {
        CHECK(slots.answer(slot));
        return threads::WakeReason::woken;
    };
    CHECK(slots.wait(slot) == block::RequestSlots::End::answered);
    slots.give_back(slot);
    const unsigned early = slots.take().value();
    const int waits = host::waits;
    CHECK(slots.answer(early));
    CHECK(slots.wait(early) == block::RequestSlots::End::answered);
    CHECK(host::waits == waits);
    slots.give_back(early);
}

TEST_CASE("silence ends a wait") {
    Slots slots;
    const unsigned slot = slots.take().value();
    CHECK(slots.wait(slot) == block::RequestSlots::End::silence);
    CHECK(slots.looks == 1);
    CHECK(slots.answer(slot)); // it is still out
}

TEST_CASE("an answer whose interrupt was lost is found before silence is believed") {
    Slots slots;
    const unsigned slot = slots.take().value();
    slots.unnoticed = slot;
    CHECK(slots.wait(slot) == block::RequestSlots::End::answered);
}

TEST_CASE("an answer that nobody waits for is noticed") {
    Slots slots;
    slots.set_count(4);
    CHECK_FALSE(slots.answer(0));
    CHECK_FALSE(slots.answer(4));
    CHECK_FALSE(slots.answer(UINT32_MAX));
    const unsigned slot = slots.take().value();
    CHECK(slots.answer(slot));
    CHECK_FALSE(slots.answer(slot));
}

TEST_CASE("when all places are taken, the next one waits for one") {
    Slots slots;
    slots.set_count(2);
    const unsigned first = slots.take().value();
    const unsigned second = slots.take().value();
    CHECK(first != second);
    host::during_wait = [&] {
        slots.give_back(first);
        return threads::WakeReason::woken;
    };
    CHECK(slots.take().value() == first);
}

TEST_CASE("a device that failed ends all that waits, and nothing begins any more") {
    Slots slots;
    const unsigned slot = slots.take().value();
    host::during_wait = [&] {
        slots.fail_all();
        return threads::WakeReason::woken;
    };
    CHECK(slots.wait(slot) == block::RequestSlots::End::failed);
    slots.give_back(slot);
    CHECK(slots.take().error() == Errno::eio);
}

TEST_CASE("a device that started anew has answered everything") {
    Slots slots;
    slots.set_count(3);
    const unsigned slot = slots.take().value();
    slots.answer_all();
    CHECK(slots.wait(slot) == block::RequestSlots::End::answered);
    slots.give_back(slot);
    CHECK(slots.take().ok());
}
