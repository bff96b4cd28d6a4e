// A PCI IDE channel with one disk behind it, and all that may be wrong with either.
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <vector>

#include "fake_disk_machine.hpp"

#include "ata_identity.hpp"

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
