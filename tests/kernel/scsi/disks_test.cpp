#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include <fake_disk.hpp>
#include <fake_waiting.hpp>
#include <foundation/own.hpp>
#include <scsi/transport.hpp>

using namespace os;

namespace {

struct Unit {
    std::uint8_t type = 0;
    std::uint8_t version = 5;
    std::uint64_t sectors = 100;
    std::uint32_t sector_size = 512;
    bool write_protected = false;
    bool only_capacity_10 = false;
    std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(100 * 512);
};

void put(std::uint8_t* out, std::uint64_t value, int size) {
    for (int i = size; i-- > 0; value >>= 8)
        out[i] = static_cast<std::uint8_t>(value);
}
std::uint64_t get(const std::uint8_t* in, int size) {
    std::uint64_t value = 0;
    for (int i = 0; i < size; ++i)
        value = value << 8 | in[i];
    return value;
}

// Targets with units; what comes next can be put before the answers.
class FakeTransport final : public scsi::Transport {
public:
    std::size_t most_bytes() const override { return 65536; }
    unsigned target_count() const override { return targets; }

    Result<scsi::Answer> execute(const scsi::Command& command) override {
        ++commands[command.bytes[0]];
        if (dead)
            return Errno::eio;
        scsi::Answer answer;
        const auto target = units.find(command.address.target);
        answer.delivery = scsi::Delivery::no_such_device;
        if (target == units.end())
            return answer;
        answer.delivery = scsi::Delivery::answered;
        if (command.bytes[0] == disturbed && !disturbances.empty()) {
            const scsi::Answer disturbance = disturbances.front();
            disturbances.pop_front();
            return disturbance;
        }
        std::vector<std::uint8_t> reply;
        if (command.bytes[0] == 0xa0)
            reply = report_luns(target->second);
        else if (const auto unit = target->second.find(command.address.lun);
                 unit != target->second.end())
            answer_unit(command, unit->second, reply, answer);
        else
            reply = {0x7f, 0, 5, 2, 31};
        answer.moved = std::min(reply.size(), command.data.size());
        std::copy_n(reply.begin(), answer.moved, command.data.data());
        if (command.direction == scsi::Data::to_device)
            answer.moved = command.data.size();
        return answer;
    }

    static scsi::Answer check(int key, int code, int qualifier) {
        scsi::Answer answer;
        answer.delivery = scsi::Delivery::answered;
        answer.status = 2;
        answer.sense_size = 18;
        answer.sense[0] = 0x70;
        answer.sense[2] = static_cast<std::uint8_t>(key);
        answer.sense[12] = static_cast<std::uint8_t>(code);
        answer.sense[13] = static_cast<std::uint8_t>(qualifier);
        return answer;
    }

    std::map<unsigned, std::map<unsigned, Unit>> units;
    std::map<int, int> commands; // how many, by operation
    unsigned targets = 8;
    int disturbed = -1;
    std::deque<scsi::Answer> disturbances;
    bool dead = false;

private:
    static std::vector<std::uint8_t> report_luns(const std::map<unsigned, Unit>& there) {
        std::vector<std::uint8_t> reply(8 + 8 * there.size());
        put(reply.data(), 8 * there.size(), 4);
        std::size_t at = 8;
        for (const auto& [lun, unit] : there) {
            reply[at + 1] = static_cast<std::uint8_t>(lun);
            at += 8;
        }
        return reply;
    }

    static void answer_unit(const scsi::Command& command, Unit& unit,
                            std::vector<std::uint8_t>& reply, scsi::Answer& answer) {
        const std::uint8_t* bytes = command.bytes;
        switch (bytes[0]) {
        case 0x00: break;
        case 0x12:
            reply = {unit.type, 0, unit.version, 2, 31};
            reply.resize(36);
            break;
        case 0x1a:
            reply = {3, 0, static_cast<std::uint8_t>(unit.write_protected ? 0x80 : 0), 0};
            break;
        case 0x25:
            reply.resize(8);
            put(reply.data(), std::min<std::uint64_t>(unit.sectors - 1, 0xffffffff), 4);
            put(reply.data() + 4, unit.sector_size, 4);
            break;
        case 0x9e:
            if (unit.only_capacity_10) {
                answer = check(5, 0x20, 0);
                break;
            }
            reply.resize(32);
            put(reply.data(), unit.sectors - 1, 8);
            put(reply.data() + 8, unit.sector_size, 4);
            reply[13] = 3;
            break;
        case 0x28:
            reply.assign(unit.bytes.begin() + static_cast<long>(get(bytes + 2, 4) * 512),
                         unit.bytes.begin() +
                             static_cast<long>((get(bytes + 2, 4) + get(bytes + 7, 2)) * 512));
            break;
        case 0x2a:
            std::copy_n(command.data.data(), command.data.size(),
                        unit.bytes.begin() + static_cast<long>(get(bytes + 2, 4) * 512));
            break;
        default: answer = check(5, 0x20, 0);
        }
    }
};

// Forgets the disks afterwards: they live for ever, the test's transport does not.
struct Found {
    explicit Found(FakeTransport& transport) {
        host::warnings.clear();
        ok = scsi::find_disks(transport).ok();
        List<block::BlockDevice>& devices = block::registered_devices();
        while (block::BlockDevice* device = devices.pop_front())
            disks.emplace_back(device);
    }
    std::vector<Own<block::BlockDevice>> disks;
    bool ok = false;
};

Unit filled() {
    Unit unit;
    for (std::size_t i = 0; i < unit.bytes.size(); ++i)
        unit.bytes[i] = static_cast<std::uint8_t>(i * 13 + i / 512);
    return unit;
}

} // namespace

TEST_CASE("disks are found at every target and unit, and nothing else is") {
    FakeTransport transport;
    transport.units[0][0] = filled();
    transport.units[3][0].type = 13; // an enclosure
    transport.units[3][2].sector_size = 4096;
    transport.units[3][9].write_protected = true;
    transport.units[7][0].type = 5;
    transport.units[7][0].sector_size = 2048;
    transport.units[8][0] = {}; // beyond the last target
    Found found(transport);
    CHECK(found.ok);
    REQUIRE(found.disks.size() == 4);
    CHECK(found.disks[0]->sector_count() == 100);
    CHECK(found.disks[0]->sector_size() == 512);
    CHECK(found.disks[0]->physical_sector_size() == 4096);
    CHECK(found.disks[0]->most_bytes() == 65536);
    CHECK(found.disks[1]->sector_size() == 4096);
    CHECK(found.disks[1]->access() == block::Access::read_write);
    CHECK(found.disks[2]->access() == block::Access::read_only);
    CHECK(found.disks[3]->access() == block::Access::read_only);
    CHECK(std::string(found.disks[3]->name()).substr(0, 2) == "sr");
    CHECK(host::warnings.empty());
}

TEST_CASE("large and old disks tell their size each in its way") {
    FakeTransport transport;
    transport.units[0][0].sectors = 0x123456789a;
    transport.units[1][0].version = 2;
    transport.units[2][0].only_capacity_10 = true;
    Found found(transport);
    REQUIRE(found.disks.size() == 3);
    CHECK(found.disks[0]->sector_count() == 0x123456789a);
    CHECK(found.disks[1]->sector_count() == 100);
    CHECK(found.disks[1]->physical_sector_size() == 512);
    CHECK(found.disks[2]->sector_count() == 100);
    CHECK(transport.commands[0x9e] == 2); // the old one is not asked for the long form
}

TEST_CASE("a disk that cannot be used is told of and the others are found") {
    FakeTransport transport;
    transport.units[0][0].sector_size = 520;
    transport.units[1][0].sector_size = 1 << 20;
    transport.units[2][0].sectors = 0x123456789a; // and cannot tell
    transport.units[2][0].only_capacity_10 = true;
    transport.units[3][0] = {};
    Found found(transport);
    CHECK(found.ok);
    CHECK(found.disks.size() == 1);
    REQUIRE(host::warnings.size() == 3);
    CHECK(host::warnings[0].find("target 0, unit 0 cannot be used") != std::string::npos);
}

TEST_CASE("an empty CD drive is no fault") {
    FakeTransport transport;
    transport.units[0][0].type = 5;
    transport.disturbed = 0x00;
    transport.disturbances = {FakeTransport::check(2, 0x3a, 0)};
    Found found(transport);
    CHECK(found.disks.empty());
    CHECK(host::warnings.empty());
}

TEST_CASE("a unit attention and a disk that wakes up are waited out") {
    FakeTransport transport;
    transport.units[0][0] = {};
    transport.disturbed = 0x00;
    for (int i = 0; i < 3; ++i)
        transport.disturbances.push_back(FakeTransport::check(6, 0x29, 0));
    for (int i = 0; i < 5; ++i)
        transport.disturbances.push_back(FakeTransport::check(2, 4, 1));
    const int waits = host::waits;
    Found found(transport);
    CHECK(found.disks.size() == 1);
    CHECK(host::waits == waits + 5); // only the latter take time
}

TEST_CASE("patience has an end") {
    FakeTransport transport;
    transport.units[0][0] = {};
    transport.disturbed = 0x00;
    SUBCASE("with one attention after the other") {
        for (int i = 0; i < 100; ++i)
            transport.disturbances.push_back(FakeTransport::check(6, 0x29, 0));
        Found found(transport);
        CHECK(found.disks.empty());
        CHECK(transport.disturbances.size() == 92);
    }
    SUBCASE("with a disk that never becomes ready") {
        for (int i = 0; i < 1000; ++i)
            transport.disturbances.push_back(FakeTransport::check(2, 4, 1));
        host::on_wait = [] { host::now = host::now + Nanoseconds{50'000'000}; };
        Found found(transport);
        host::on_wait = nullptr;
        CHECK(found.disks.empty());
        CHECK(transport.disturbances.size() == 1000 - 201);
    }
}

TEST_CASE("a transport that fails ends the search, not the boot") {
    FakeTransport transport;
    transport.dead = true;
    Found found(transport);
    CHECK(found.disks.empty());
}

TEST_CASE("what is written is read again, and each error has its number and its line") {
    FakeTransport transport;
    transport.units[0][0] = filled();
    Found found(transport);
    REQUIRE(found.disks.size() == 1);
    block::BlockDevice& disk = *found.disks[0];
    std::vector<std::uint8_t> buffer(1024);
    const MutableBytes bytes{buffer.data(), buffer.size()};
    REQUIRE(disk.transfer(block::Direction::read, 5, bytes).ok());
    CHECK(std::equal(buffer.begin(), buffer.end(), transport.units[0][0].bytes.begin() + 2560));
    buffer.assign(1024, 0x77);
    REQUIRE(disk.transfer(block::Direction::write, 9, bytes).ok());
    CHECK(transport.units[0][0].bytes[9 * 512] == 0x77);
    CHECK(disk.flush().ok()); // the unit does not know the command

    transport.disturbed = 0x28;
    transport.disturbances = {FakeTransport::check(3, 0x11, 0)};
    CHECK(disk.transfer(block::Direction::read, 5, bytes).error() == Errno::eio);
    REQUIRE(host::warnings.size() == 1);
    CHECK(host::warnings[0].find("reading of 2 sectors at 5 failed: medium error (3/11/00)") !=
          std::string::npos);
    transport.disturbed = 0x2a;
    transport.disturbances = {FakeTransport::check(7, 0x27, 0)};
    CHECK(disk.transfer(block::Direction::write, 5, bytes).error() == Errno::erofs);
    transport.disturbed = 0x35;
    transport.disturbances = {FakeTransport::check(4, 0, 0)};
    CHECK(disk.flush().error() == Errno::eio);
}

TEST_CASE("half a transfer is an error") {
    FakeTransport transport;
    transport.units[0][0] = filled();
    Found found(transport);
    REQUIRE(found.disks.size() == 1);
    transport.disturbed = 0x28;
    scsi::Answer half;
    half.delivery = scsi::Delivery::answered;
    half.moved = 512;
    transport.disturbances = {half};
    std::uint8_t buffer[1024];
    CHECK(found.disks[0]->transfer(block::Direction::read, 0, buffer).error() == Errno::eio);
}

TEST_CASE("a silent disk is given up and not asked again") {
    FakeTransport transport;
    transport.units[0][0] = filled();
    Found found(transport);
    REQUIRE(found.disks.size() == 1);
    transport.disturbed = 0x28;
    scsi::Answer silence;
    silence.delivery = scsi::Delivery::silence;
    transport.disturbances = {silence};
    std::uint8_t buffer[512];
    CHECK(found.disks[0]->transfer(block::Direction::read, 0, buffer).error() == Errno::eio);
    const int before = transport.commands[0x28];
    CHECK(found.disks[0]->transfer(block::Direction::read, 0, buffer).error() == Errno::eio);
    CHECK(found.disks[0]->flush().error() == Errno::eio);
    CHECK(transport.commands[0x28] == before);
    REQUIRE(host::warnings.size() == 1);
    CHECK(host::warnings[0].find("does not answer: it is given up") != std::string::npos);
}

TEST_CASE("a disk that was taken away is an error at once") {
    FakeTransport transport;
    transport.units[0][0] = filled();
    Found found(transport);
    REQUIRE(found.disks.size() == 1);
    transport.units.clear();
    std::uint8_t buffer[512];
    CHECK(found.disks[0]->transfer(block::Direction::read, 0, buffer).error() == Errno::eio);
    CHECK(host::warnings.at(0).find("the disk is gone") != std::string::npos);
    CHECK(transport.commands[0x28] == 1);
}
