// A controller with namespace 1 of 256 KiB, and what may be wrong with it.
#pragma once

#include "fake_disk_machine.hpp"

#include <map>
#include <memory>
#include <set>

#include <doctest/doctest.h>
#include <nvme/namespace.hpp>

class FakeController final : public os::Registers {
public:
    FakeController() {
        host::warnings.clear();
        host::device = [this] { work(); };
        for (std::size_t i = 0; i < disk.size(); ++i)
            disk[i] = static_cast<std::uint8_t>(i * 7 + i / 512);
        registers[os::nvme::k_version] = 0x00010400;
        identity[512] = 0x66;
        identity[513] = 0x44;
        identity[516] = 1;
        identity[525] = 1;
        std::memcpy(&identity[4], "serial number A     ", 20);
        space[0] = 0;
        space[1] = 2;
        space[130] = 9;
    }
    ~FakeController() override { host::device = nullptr; }

    std::uint32_t read32(unsigned offset) override { return gone ? gone_value : registers[offset]; }
    void write32(unsigned offset, std::uint32_t value) override {
        if (gone)
            return;
        const std::uint32_t before = std::exchange(registers[offset], value);
        if (offset == os::nvme::k_configuration)
            configure((before & 1) != 0, (value & 1) != 0);
        if (offset >= os::nvme::k_first_doorbell && instant)
            work();
    }
    void configure(bool before, bool now) {
        if (!before && now && starts) {
            ++starts_seen;
            heads[0] = heads[1] = tails[0] = tails[1] = 0;
            phase[0] = phase[1] = 1;
            queues.clear();
            for (unsigned doorbell = 0; doorbell < 4; ++doorbell)
                registers[os::nvme::k_first_doorbell + 4 * doorbell] = 0;
            registers[os::nvme::k_status] = os::nvme::k_status_ready;
        } else if (before && !now && stops) {
            registers[os::nvme::k_status] = 0;
        }
    }
    std::uint64_t wide(unsigned offset) {
        return registers[offset] | static_cast<std::uint64_t>(registers[offset + 4]) << 32;
    }

    void work() {
        if (during)
            std::exchange(during, nullptr)();
        bool any = false;
        for (unsigned queue = 0; queue < 2 && !gone; ++queue)
            while (serve(queue))
                any = true;
        if (any && interrupts)
            controller->collect(); // the interrupt
    }

    bool serve(unsigned queue) {
        if ((registers[os::nvme::k_status] & 1) == 0 || (silent && queue == 1) || mute)
            return false;
        const unsigned tail = registers[os::nvme::k_first_doorbell + 8 * queue];
        const std::uint64_t base =
            queue == 0 ? wide(os::nvme::k_admin_commands) : queues[os::nvme::k_first_doorbell];
        if (tail == heads[queue] || base == 0)
            return false;
        const unsigned entries =
            queue == 0 ? (registers[os::nvme::k_admin_queue_sizes] & 0xfff) + 1 : io_entries;
        REQUIRE(tail < entries);
        os::nvme::Command command;
        std::memcpy(&command, static_cast<std::uint8_t*>(host::pointer(base)) + 64 * heads[queue],
                    64);
        heads[queue] = (heads[queue] + 1) % entries;
        os::nvme::Completion completion{};
        completion.status =
            static_cast<std::uint16_t>(queue == 0 ? administer(command) : transfer(command));
        completion.id = command.id;
        completion.commands_head = static_cast<std::uint16_t>(heads[queue]);
        completion.commands_queue = static_cast<std::uint16_t>(queue);
        if (queue == 1 && distort)
            distort(completion);
        complete(queue, entries, completion);
        return true;
    }

    void complete(unsigned queue, unsigned entries, os::nvme::Completion completion) {
        const std::uint64_t base = queue == 0 ? wide(os::nvme::k_admin_completions)
                                              : queues[os::nvme::k_first_doorbell + 4];
        completion.status = static_cast<std::uint16_t>(completion.status << 1 | phase[queue]);
        std::memcpy(static_cast<std::uint8_t*>(host::pointer(base)) + 16 * tails[queue],
                    &completion, 16);
        tails[queue] = (tails[queue] + 1) % entries;
        if (tails[queue] == 0)
            phase[queue] ^= 1;
    }

    unsigned administer(const os::nvme::Command& command) {
        const std::uint32_t word = command.words[0];
        void* data = host::pointer(command.data[0]);
        switch (command.opcode) {
        case 0x06:
            identifies.push_back(word);
            if (word == 2 && !lists)
                return 2;
            std::memset(data, 0, 4096);
            if (word == 1)
                std::memcpy(data, identity.data(), 4096);
            else if (word == 2)
                std::memcpy(data, list.data(), 4 * list.size());
            else if (command.namespace_id == 1)
                std::memcpy(data, space.data(), 4096);
            return 0;
        case 0x05:
            queues[os::nvme::k_first_doorbell + 4] = command.data[0];
            io_entries = (word >> 16) + 1;
            return (word & 0xffff) == 1 && (command.words[1] & 3) == 3 ? 0 : 2;
        case 0x01:
            queues[os::nvme::k_first_doorbell] = command.data[0];
            return (word & 0xffff) == 1 && command.words[1] == 0x10001 ? 0 : 2;
        case 0x09: return word == 7 ? 0 : 2;
        default: return 1;
        }
    }

    unsigned transfer(const os::nvme::Command& command) {
        if (command.opcode == 0)
            return fails;
        const std::uint64_t sector = command.words[0] | std::uint64_t{command.words[1]} << 32;
        std::size_t left = (command.words[2] + 1) * 512;
        std::uint8_t* at = &disk.at(sector * 512);
        REQUIRE(sector * 512 + left <= disk.size());
        if (fails != 0)
            return fails;
        std::vector<std::uint64_t> pages{command.data[0]};
        const std::size_t first = 4096 - command.data[0] % 4096;
        if (left > first + 4096) {
            const std::size_t count = (left - first + 4095) / 4096;
            const auto* entries = static_cast<std::uint64_t*>(host::pointer(command.data[1]));
            pages.insert(pages.end(), entries, entries + count);
        } else if (left > first) {
            pages.push_back(command.data[1]);
        }
        for (const std::uint64_t page : pages) {
            const std::size_t room = 4096 - page % 4096;
            const std::size_t part = left < room ? left : room;
            if (command.opcode == 2)
                std::memcpy(host::pointer(page), at, part);
            else
                std::memcpy(at, host::pointer(page), part);
            at += part;
            left -= part;
        }
        CHECK(left == 0);
        return 0;
    }

    os::nvme::Controller& create() {
        auto capabilities = os::nvme::parse_capabilities(0x0f00003f, 0x00000020);
        REQUIRE(capabilities.ok());
        controller = std::make_unique<os::nvme::Controller>(os::nvme::Controller::Bus{
            *this, capabilities.value(),
            [](void* self) { ++static_cast<FakeController*>(self)->cuts; }, this});
        return *controller;
    }
    os::nvme::Namespace& attach() {
        REQUIRE(create().start().ok());
        device = std::make_unique<os::nvme::Namespace>(*controller, 1,
                                                       controller->identify_namespace(1).value());
        return *device;
    }

    std::map<unsigned, std::uint32_t> registers;
    std::map<unsigned, std::uint64_t> queues;
    std::vector<std::uint8_t> disk = std::vector<std::uint8_t>(512 * 512);
    std::vector<std::uint8_t> identity = std::vector<std::uint8_t>(4096);
    std::vector<std::uint8_t> space = std::vector<std::uint8_t>(4096);
    std::vector<std::uint32_t> list{1};
    std::vector<std::uint32_t> identifies;
    std::unique_ptr<os::nvme::Controller> controller;
    std::unique_ptr<os::nvme::Namespace> device;
    std::function<void()> during;
    std::function<void(os::nvme::Completion&)> distort;
    unsigned heads[2] = {}, tails[2] = {}, io_entries = 0, fails = 0;
    unsigned phase[2] = {1, 1};
    std::uint32_t gone_value = 0xffffffff;
    bool gone = false, silent = false, mute = false, starts = true, stops = true, lists = true;
    bool instant = false, interrupts = true;
    int cuts = 0, starts_seen = 0;
};
