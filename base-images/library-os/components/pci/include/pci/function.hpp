// One function of a PCI device.
#pragma once

#include <devices/device.hpp>
#include <interrupts/interrupts.hpp>
#include <pci/config_space.hpp>

namespace os::pci {

Result<void> start();

struct Address {
    std::uint8_t bus = 0;
    std::uint8_t device = 0;
    std::uint8_t function = 0;
};

// The configuration ports 0xcf8 and 0xcfc.
class PortConfigSpace : public ConfigSpace {
public:
    explicit PortConfigSpace(Address address) : address_(address) {}
    std::uint32_t read32(unsigned offset) const override;
    void write32(unsigned offset, std::uint32_t value) override;

private:
    Address address_;
};

class Function : public Device {
public:
    explicit Function(Address address);

    ConfigSpace& space() { return space_; }
    std::uint16_t vendor() const { return space_.read16(k_vendor); }
    std::uint16_t device_id() const { return space_.read16(k_device); }

    // Base class, sub-class and programming interface as 0xBBSSPP (6.2.1).
    std::uint32_t class_code() const { return space_.read32(k_revision) >> 8; }

    // Port and memory accesses and bus mastering on, pin interrupts off.
    void enable();
    // The first port of an I/O BAR; enxio for a memory BAR or one the firmware gave no address.
    Result<std::uint16_t> port(unsigned bar);
    // `size` bytes of a BAR from `offset` on, mapped uncached; enxio when they lie outside.
    Result<VirtAddr> map(unsigned bar, std::uint64_t offset, std::uint64_t size);
    bool has_msix_entry(unsigned entry);
    // Lets entry `entry` of the MSI-X table raise the vector, and switches MSI-X on; enodev without
    // such a table.
    Result<void> route_msix(unsigned entry, std::uint8_t vector);
    // One interrupt for the whole function: by MSI-X (entry 0), MSI or its pin, the first of these
    // that works. Once only. The handler runs in interrupt context and also when the function
    // raised nothing: pins are shared, and one whose way the firmware does not tell is polled.
    Result<void> connect_interrupt(interrupts::Handler handler, void* argument);

private:
    Result<void> connect_by_message(interrupts::Handler handler, void* argument);

    PortConfigSpace space_;
};

} // namespace os::pci
