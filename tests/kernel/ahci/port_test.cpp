#include "fake_disk_machine.hpp"

#include "ata_identity.hpp"

#include <map>
#include <memory>

#include <ahci/command_memory.hpp>
#include <ahci/controller.hpp>
#include <ahci/port.hpp>
#include <doctest/doctest.h>

using os::Errno;
using os::MutableBytes;
using os::ata::Command;
using os::ata::Protocol;
using namespace os::ahci;

namespace {

constexpr unsigned k_port = 3;
constexpr unsigned k_base = k_first_port + k_port * k_port_size;
constexpr std::int64_t k_second = 1'000'000'000;

// A controller's port 3 with a disk of 256 KiB, and what may be wrong with them.
class FakePort final : public os::Registers {
public:
    FakePort() {
        host::warnings.clear();
        host::device = [this] { work(); };
        for (std::size_t i = 0; i < disk.size(); ++i)
            disk[i] = static_cast<std::uint8_t>(i * 7 + i / 512);
        at(k_link_status) = 0x123;
        at(k_signature) = k_signature_disk;
        at(k_task_file) = 0x50;
        at(k_command) = k_command_spin_up;
    }
    ~FakePort() override { host::device = nullptr; }

    std::uint32_t& at(unsigned which) { return registers[k_base + which]; }

    std::uint32_t read32(unsigned offset) override {
        if (gone)
            return gone_value;
        if (offset == k_base + k_command) {
            std::uint32_t value = at(k_command);
            if ((value & k_command_start) != 0 || stuck)
                value |= k_command_running;
            if ((value & k_command_receive) != 0)
                value |= k_command_receiving;
            return value;
        }
        return registers[offset];
    }

    void write32(unsigned offset, std::uint32_t value) override {
        if (gone)
            return;
        if (offset == k_interrupts || offset == k_base + k_port_interrupts ||
            offset == k_base + k_link_errors) {
            registers[offset] &= ~value;
            return;
        }
        if (offset == k_base + k_issue) {
            CHECK((at(k_command) & k_command_start) != 0);
            at(k_issue) |= value;
            return;
        }
        if (offset == k_base + k_command) {
            value &= ~(k_command_running | k_command_receiving);
            if ((value & k_command_start) == 0)
                at(k_issue) = 0;
        }
        if (offset == k_base + k_link_control) {
            const bool resets = (at(k_link_control) & 0xf) == 1 && (value & 0xf) == 0;
            if (resets) {
                ++resets_seen;
                at(k_link_status) = comes_back ? 0x123 : 0;
                at(k_task_file) = 0x50;
                at(k_port_interrupts) |= k_connection_changed;
            }
        }
        registers[offset] = value;
    }

    // One command, if there is one.
    void work() {
        if (during)
            std::exchange(during, nullptr)();
        if (gone || silent || (at(k_issue) & 1) == 0)
            return;
        const std::uint64_t list = at(k_list) | static_cast<std::uint64_t>(at(k_list_high)) << 32;
        auto* header = static_cast<std::uint8_t*>(host::pointer(list));
        std::uint64_t table;
        std::memcpy(&table, header + 8, 8);
        const auto* frame = static_cast<const std::uint8_t*>(host::pointer(table));
        std::uint64_t address;
        std::memcpy(&address, frame + 0x80, 8);
        std::uint32_t last;
        std::memcpy(&last, frame + 0x8c, 4);
        const std::uint32_t regions = header[2] | header[3] << 8U;
        execute(frame, regions == 0 ? nullptr : static_cast<std::uint8_t*>(host::pointer(address)),
                regions == 0 ? 0 : last + 1);
        const std::uint32_t moved = count_moved ? (regions == 0 ? 0 : last + 1) - short_by : 0;
        std::memcpy(header + 4, &moved, 4);
    }

    void execute(const std::uint8_t* frame, std::uint8_t* data, std::size_t size) {
        CHECK(frame[0] == 0x27);
        CHECK(frame[1] == 0x80);
        ++commands;
        const std::uint64_t lba = frame[4] | frame[5] << 8U | frame[6] << 16U;
        if (fails) {
            at(k_task_file) = 0x4051 | (busy_after_error ? 0x80 : 0);
            at(k_port_interrupts) |= k_task_file_error;
            return; // the command stays
        }
        if (frame[2] == 0xec)
            std::memcpy(data, identity.bytes.data(), size);
        else if (frame[2] == 0x25)
            std::memcpy(data, &disk.at(lba * 512), size);
        else if (frame[2] == 0x35)
            std::memcpy(&disk.at(lba * 512), data, size);
        at(k_issue) = 0;
        at(k_port_interrupts) |= 1;
        port->collect(); // the interrupt
    }

    Port& start() {
        port = std::make_unique<Port>(
            Port::Controller{*this, os::ata::Addresses::bits_64,
                             [](void* self) { ++static_cast<FakePort*>(self)->cuts; }, this},
            k_port);
        REQUIRE(port->halt().ok());
        REQUIRE(port->connect());
        REQUIRE(port->start(host::frame_of(host::low_memory(4096))).ok());
        return *port;
    }

    std::map<unsigned, std::uint32_t> registers;
    std::vector<std::uint8_t> disk = std::vector<std::uint8_t>(512 * 512);
    host::AtaIdentity identity = host::modern_disk(512);
    std::unique_ptr<Port> port;
    std::function<void()> during;
    bool gone = false;
    std::uint32_t gone_value = 0xffffffff;
    bool silent = false;
    bool fails = false;
    bool busy_after_error = false;
    bool stuck = false;
    bool comes_back = true;
    bool count_moved = true;
    std::uint32_t short_by = 0;
    int commands = 0;
    int resets_seen = 0;
    int cuts = 0;
};

Command read_command(std::uint64_t lba, std::uint16_t count) {
    return {.opcode = 0x25,
            .protocol = Protocol::dma_in,
            .width = os::ata::Width::bits_48,
            .lba = lba,
            .count = count};
}

struct Buffer {
    std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(8 * 512, 0xcc);
    operator MutableBytes() { return {bytes.data(), bytes.size()}; }
};

} // namespace

TEST_CASE("a port finds, reads and writes its disk") {
    auto& fake = *new FakePort;
    Port& port = fake.start();
    CHECK((fake.at(k_port_interrupt_enable) & k_task_file_error) != 0);
    REQUIRE(os::ata::attach_disk(port, 0, "here").ok());
    auto& disk = *os::block::registered_devices().back();
    CHECK(disk.sector_count() == 512);
    Buffer buffer;
    REQUIRE(disk.transfer(os::block::Direction::read, 100, buffer).ok());
    CHECK(std::memcmp(buffer.bytes.data(), &fake.disk[100 * 512], 8 * 512) == 0);
    std::memset(buffer.bytes.data(), 0x5a, 8 * 512);
    REQUIRE(disk.transfer(os::block::Direction::write, 504, buffer).ok());
    CHECK(fake.disk[504 * 512] == 0x5a);
    CHECK(fake.disk[503 * 512] != 0x5a);
    CHECK(disk.flush().ok());
    CHECK(host::warnings.empty());
}

TEST_CASE("an error stops the port, which is started again, and the disk goes on") {
    FakePort fake;
    Port& port = fake.start();
    Buffer buffer;
    fake.fails = true;
    SUBCASE("without a reset") {}
    SUBCASE("with one when the device stays busy") {
        fake.busy_after_error = true;
    }
    const auto answer = port.execute(0, read_command(0, 8), buffer);
    REQUIRE(answer.ok());
    CHECK(answer.value().failed());
    CHECK((answer.value().error & os::ata::Answer::k_uncorrectable) != 0);
    CHECK(fake.resets_seen == (fake.busy_after_error ? 1 : 0));
    fake.fails = false;
    fake.at(k_task_file) = 0x50;
    const auto next = port.execute(0, read_command(0, 8), buffer);
    REQUIRE(next.ok());
    CHECK_FALSE(next.value().failed());
}

TEST_CASE("a device that says nothing is waited for until the patience ends") {
    FakePort fake;
    Port& port = fake.start();
    Buffer buffer;
    fake.silent = true;
    const auto before = host::now;
    CHECK(port.execute(0, read_command(0, 8), buffer).error() == Errno::etimedout);
    CHECK((host::now - before).value == 10 * k_second);
    CHECK(port.reset().ok());
    CHECK(fake.resets_seen == 1);
    fake.silent = false;
    CHECK(port.execute(0, read_command(0, 8), buffer).ok());
}

TEST_CASE("an interrupt that is lost costs no more than a look") {
    FakePort fake;
    Port& port = fake.start();
    Buffer buffer;
    fake.silent = true;
    fake.during = [&] {
        fake.at(k_issue) = 0; // done, and nobody says so
        fake.count_moved = false;
    };
    const auto before = host::now;
    REQUIRE(port.execute(0, read_command(0, 8), buffer).ok());
    CHECK((host::now - before).value <= k_second / 100);
}

TEST_CASE("a controller or disk that disappears is noticed at once") {
    FakePort fake;
    Port& port = fake.start();
    Buffer buffer;
    fake.silent = true;
    SUBCASE("the controller, all ones") {
        fake.during = [&] { fake.gone = true; };
    }
    SUBCASE("the controller, all zeroes") {
        fake.gone_value = 0;
        fake.during = [&] { fake.gone = true; };
    }
    SUBCASE("the disk") {
        fake.during = [&] { fake.at(k_link_status) = 0; };
    }
    SUBCASE("before the command") {
        fake.gone = true;
    }
    const auto before = host::now;
    CHECK(port.execute(0, read_command(0, 8), buffer).error() == Errno::enodev);
    CHECK((host::now - before).value < k_second);
    port.cut_off();
    CHECK((host::now - before).value < 3 * k_second);
}

TEST_CASE("after something was plugged in, nobody trusts that it is the same disk") {
    FakePort fake;
    Port& port = fake.start();
    Buffer buffer;
    fake.at(k_port_interrupts) |= k_connection_changed;
    port.collect();
    const int commands = fake.commands;
    CHECK(port.execute(0, read_command(0, 8), buffer).error() == Errno::etimedout);
    CHECK(fake.commands == commands);
    CHECK(port.reset().ok());
    CHECK(port.execute(0, read_command(0, 8), buffer).ok());
}

TEST_CASE("a transfer that was shorter than asked for is no success") {
    FakePort fake;
    Port& port = fake.start();
    Buffer buffer;
    fake.short_by = 512;
    CHECK_FALSE(port.execute(0, read_command(0, 8), buffer).ok());
    fake.short_by = 0;
    fake.count_moved = false; // some controllers do not count
    CHECK(port.reset().ok());
    CHECK(port.execute(0, read_command(0, 8), buffer).ok());
}

TEST_CASE("a port that does not stop is cut off from memory") {
    FakePort fake;
    Port& port = fake.start();
    port.cut_off();
    CHECK(fake.cuts == 0);
    fake.stuck = true;
    CHECK_FALSE(port.reset().ok());
    port.cut_off();
    CHECK(fake.cuts == 1);
}

TEST_CASE("no link, no disk, or a disk that never gets ready: the port is not used") {
    FakePort fake;
    Port port({fake, os::ata::Addresses::bits_64, nullptr, nullptr}, k_port);
    const os::PhysAddr memory = host::frame_of(host::low_memory(4096));
    fake.at(k_link_status) = 0;
    CHECK_FALSE(port.connect());
    fake.at(k_link_status) = 0xffffffff;
    CHECK_FALSE(port.connect());
    fake.at(k_link_status) = 0x123;
    fake.at(k_signature) = 0xeb140101;
    CHECK(port.start(memory).error() == Errno::enodev);
    fake.at(k_signature) = k_signature_disk;
    fake.at(k_task_file) = 0x80;
    const auto before = host::now;
    CHECK(port.start(memory).error() == Errno::etimedout);
    CHECK((host::now - before).value == 10 * k_second);
}

TEST_CASE("a link that was off is given time to come up") {
    FakePort fake;
    Port port({fake, os::ata::Addresses::bits_64, nullptr, nullptr}, k_port);
    fake.at(k_command) = 0;
    fake.at(k_link_status) = 0;
    fake.during = [&] { fake.at(k_link_status) = 0x123; };
    CHECK(port.connect());
    CHECK((fake.at(k_command) & k_command_spin_up) != 0);
}

TEST_CASE("the firmware is asked for the controller, and not waited for without end") {
    FakePort fake;
    fake.registers[k_capabilities_2] = k_capability_handoff;
    fake.registers[k_handoff] = k_handoff_firmware_owns;
    SUBCASE("it lets go") {
        fake.during = [&] { fake.registers[k_handoff] &= ~k_handoff_firmware_owns; };
        take_over(fake);
        CHECK(fake.registers[k_handoff] == k_handoff_system_owns);
    }
    SUBCASE("it never does") {
        fake.registers[k_handoff] |= k_handoff_busy;
        const auto before = host::now;
        take_over(fake);
        CHECK((host::now - before).value < 3 * k_second);
    }
    SUBCASE("there is no such thing") {
        fake.registers[k_capabilities_2] = 0;
        take_over(fake);
        CHECK(fake.registers[k_handoff] == k_handoff_firmware_owns);
    }
}

TEST_CASE("a command lies in memory as the specification has it") {
    alignas(4096) static std::uint8_t page[4096];
    Command command = read_command(0x123456789abc, 0x1234);
    write_command(page, {0x1000}, command, {0xabcdef00}, 512);
    CHECK(page[0] == 5);
    CHECK(page[2] == 1);
    CHECK(page[8] == 0x00);
    CHECK(page[9] == 0x15); // 0x1000 + 1280
    const std::uint8_t* frame = page + 1280;
    const std::uint8_t expected[] = {0x27, 0x80, 0x25, 0, 0xbc, 0x9a, 0x78, 0xe0,
                                     0x56, 0x34, 0x12, 0, 0x34, 0x12, 0,    0};
    CHECK(std::memcmp(frame, expected, sizeof expected) == 0);
    CHECK(frame[0x81] == 0xef);
    CHECK(frame[0x8c] == 0xff);
    CHECK(frame[0x8d] == 0x01);
    command.protocol = Protocol::dma_out;
    command.width = os::ata::Width::bits_28;
    write_command(page, {0x1000}, command, {0}, 0);
    CHECK(page[0] == (5 | 1 << 6));
    CHECK(page[2] == 0);
    CHECK(frame[8] == 0);
}
