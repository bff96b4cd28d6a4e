// A PCI function's configuration space and what is read from it (PCI Local Bus Specification 3.0,
// chapter 6). Everything in it comes from outside and is bounded.
#pragma once

#include <cstdint>

#include <foundation/result.hpp>
#include <foundation/types.hpp>

namespace os::pci {

class ConfigSpace {
public:
    virtual ~ConfigSpace() = default;
    // `offset` is a multiple of 4 below 256.
    virtual std::uint32_t read32(unsigned offset) const = 0;
    virtual void write32(unsigned offset, std::uint32_t value) = 0;

    std::uint8_t read8(unsigned offset) const;
    std::uint16_t read16(unsigned offset) const;
    void write16(unsigned offset, std::uint16_t value);
};

inline constexpr unsigned k_vendor = 0x00;
inline constexpr unsigned k_device = 0x02;
inline constexpr unsigned k_command = 0x04;
inline constexpr unsigned k_status = 0x06;
inline constexpr unsigned k_revision = 0x08; // and above it the class code
inline constexpr unsigned k_header_type = 0x0e;
inline constexpr unsigned k_secondary_bus = 0x19;
inline constexpr unsigned k_interrupt_line = 0x3c;
inline constexpr unsigned k_interrupt_pin = 0x3d; // 0: none
inline constexpr std::uint16_t k_command_ports = 1 << 0;
inline constexpr std::uint16_t k_command_memory = 1 << 1;
inline constexpr std::uint16_t k_command_bus_master = 1 << 2;
inline constexpr std::uint16_t k_command_no_intx = 1 << 10;
inline constexpr std::uint16_t k_status_raised = 1 << 3; // the function raises its pin

inline constexpr std::uint8_t k_capability_msi = 0x05;
inline constexpr std::uint8_t k_capability_vendor = 0x09;
inline constexpr std::uint8_t k_capability_msix = 0x11;

// The next capability with this id after the one at `after` (0: from the start); 0 when there is
// none. A list that loops or leaves the space ends.
unsigned find_capability(const ConfigSpace& space, std::uint8_t id, unsigned after = 0);

struct MemoryBar {
    PhysAddr address;
    std::uint64_t size = 0;
};
// enxio for an I/O BAR, an index that is the upper half of another, or one the firmware gave no
// address.
Result<MemoryBar> memory_bar(ConfigSpace& space, unsigned index);
// The first port of an I/O BAR; enxio for a memory BAR or one the firmware gave no address.
Result<std::uint16_t> port_bar(const ConfigSpace& space, unsigned index);

// Switches MSI on with one message (6.8.1); enodev where the function has none.
Result<void> enable_msi(ConfigSpace& space, std::uint64_t address, std::uint32_t data);

} // namespace os::pci
