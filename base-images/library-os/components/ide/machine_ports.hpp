// The channel's registers where the machine has them.
#pragma once

#include <arch/cpu.hpp>

#include "ports.hpp"

namespace os::ide {

class MachinePorts final : public Ports {
public:
    struct Places {
        std::uint16_t command = 0;
        std::uint16_t control = 0;
        std::uint16_t bus_master = 0; // 0: there is none
    };
    explicit MachinePorts(Places places) : places_(places) {}

    std::uint8_t read(Register which) override { return arch::in8(port(which)); }
    void write(Register which, std::uint8_t value) override { arch::out8(port(which), value); }
    void read_data(MutableBytes out) override {
        arch::in16_repeated(places_.command, out.data(), out.size() / 2);
    }
    void write_data(Bytes data) override {
        arch::out16_repeated(places_.command, data.data(), data.size() / 2);
    }
    void set_region_table(std::uint32_t address) override {
        arch::out32(static_cast<std::uint16_t>(places_.bus_master + 4), address);
    }

private:
    std::uint16_t port(Register which) const {
        switch (which) {
        case Register::control: return places_.control;
        case Register::master_command: return places_.bus_master;
        case Register::master_status: return static_cast<std::uint16_t>(places_.bus_master + 2);
        default: return static_cast<std::uint16_t>(places_.command + static_cast<unsigned>(which));
        }
    }

    const Places places_;
};

} // namespace os::ide
