// Setting up: AHCI 1.3.1, 10.1.2.
#include "controller.hpp"

#include <bit>

#include <arch/paging.hpp>
#include <control/control.hpp>
#include <foundation/format.hpp>
#include <foundation/own.hpp>
#include <memory/frames.hpp>

namespace os::ahci {

Result<void> attach(Device& device);

namespace {
constexpr unsigned k_register_bar = 5;
constexpr std::uint32_t k_all = 0xffffffff;
} // namespace

void Controller::interrupt(void* controller) {
    auto& self = *static_cast<Controller*>(controller);
    const std::uint32_t pending = self.registers_.read32(k_interrupts);
    if (pending == 0)
        return;
    for (unsigned index = 0; index < k_most_ports; ++index)
        if ((pending >> index & 1) != 0 && self.ports_[index] != nullptr)
            self.ports_[index]->collect();
    self.registers_.write32(k_interrupts, pending);
}

void Controller::cut_off(void* controller) {
    pci::ConfigSpace& space = static_cast<Controller*>(controller)->function_.space();
    const std::uint16_t command = space.read16(pci::k_command);
    space.write16(pci::k_command, static_cast<std::uint16_t>(command & ~pci::k_command_bus_master));
}

Result<void> Controller::try_port(unsigned index) {
    auto made = UNIK_TRY(try_make<Port>(
        Port::Controller{registers_, addresses_, &Controller::cut_off, this}, index));
    char place[48];
    format(place, sizeof place, "%.*s port %u", static_cast<int>(function_.place().size()),
           function_.place().data(), index);
    if (!made->halt().ok()) {
        control::warn("disk-unusable", "%s is not used: it does not stop", place);
        return {};
    }
    if (!made->connect())
        return {};
    const PhysAddr memory = UNIK_TRY(memory::allocate_low_frames(0));
    __builtin_memset(arch::physical_pointer(memory), 0, k_page_size);
    Port& port = *made.release(); // interrupts and a device that does not stop may still reach it
    ports_[index] = &port;
    const Result<void> started = port.start(memory);
    if (started.ok())
        return ata::attach_disk(port, 0, place);
    if (started.error() != Errno::enodev)
        control::warn("disk-unusable", "the disk at %s is not used: it does not get ready", place);
    ports_[index] = nullptr;
    port.cut_off();
    return {};
}

Result<void> Controller::start() {
    take_over(registers_);
    registers_.write32(k_control, registers_.read32(k_control) | k_control_ahci);
    const std::uint32_t capabilities = registers_.read32(k_capabilities);
    const std::uint32_t ports = registers_.read32(k_ports);
    if (capabilities == k_all || ports == 0)
        return Errno::enodev;
    const auto ports_end = static_cast<unsigned>(std::bit_width(ports));
    registers_ = MappedRegisters(
        UNIK_TRY(function_.map(k_register_bar, 0, k_first_port + ports_end * k_port_size)));
    if ((capabilities & k_capability_64_bits) != 0)
        addresses_ = ata::Addresses::bits_64;

    // Without an interrupt there still is the looking now and then.
    (void)function_.connect_interrupt(&Controller::interrupt, this);
    registers_.write32(k_interrupts, k_all);
    registers_.write32(k_control, registers_.read32(k_control) | k_control_interrupts);
    for (unsigned index = 0; index < ports_end; ++index)
        if ((ports >> index & 1) != 0)
            UNIK_TRY(try_port(index));
    return {};
}

Result<void> attach(Device& device) {
    auto& function = static_cast<pci::Function&>(device);
    function.enable();
    const VirtAddr registers = UNIK_TRY(function.map(k_register_bar, 0, k_first_port));
    auto controller = UNIK_TRY(try_make<Controller>(function, registers));
    return controller.release()->start(); // its interrupt handler stays, whatever comes
}

} // namespace os::ahci
