// virtio over PCI (Virtual I/O Device 1.2, section 4.1).
#pragma once

#include <devices/device.hpp>
#include <foundation/result.hpp>
#include <pci/config_space.hpp>

namespace os::virtio_pci {

// The driver for every function of virtio's vendor: finds the registers and offers what lies behind
// them as a virtio device.
Result<void> attach(Device& device);

// 4.1.4: where a structure lies.
enum class Structure : std::uint8_t { common = 1, notify = 2, isr = 3, device = 4 };
struct Location {
    std::uint8_t bar = 0;
    std::uint32_t offset = 0;
    std::uint32_t size = 0;
    std::uint32_t notify_multiplier = 0; // of Structure::notify
};
// The first structure of this kind that lies in a memory BAR; enodev when there is none.
Result<Location> find_structure(const pci::ConfigSpace& space, Structure kind);

// The device type's number from a PCI device id, 0 for one that is not virtio's.
unsigned device_type(std::uint16_t pci_device, std::uint16_t subsystem);

} // namespace os::virtio_pci
