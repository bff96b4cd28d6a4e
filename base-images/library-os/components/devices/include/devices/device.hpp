// Devices as buses find them. A bus makes an object of a class derived from Device and offers it to
// the linked drivers (unik_drivers, written by the link step from the components' `drivers`).
//
// Match names: "pci:VVVV:DDDD" for a PCI function (vendor and device in hexadecimal, "pci:VVVV:*"
// for every device of a vendor), "virtio:N" for a virtio device behind whatever transport. A driver
// casts to the class that its match name stands for: pci::Function, virtio::Transport.
//
// A PCI function has a second name, "pci-class:BBSSPP" (base class, sub-class and programming
// interface in hexadecimal), for drivers of whole kinds such as AHCI; it is tried when no driver
// matches the first.
#pragma once

#include <foundation/result.hpp>
#include <foundation/span.hpp>
#include <vocabulary/image_layout.hpp>

namespace os {

class Device {
public:
    virtual ~Device() = default;

    // The name that drivers match, and where the device is, for messages ("00:03.0").
    StringView match() const { return match_; }
    StringView match_by_class() const { return match_by_class_; } // may be empty
    StringView place() const { return place_; }

protected:
    char match_[24] = {};
    char match_by_class_[24] = {};
    char place_[32] = {};
};

namespace devices {

using Attach = Result<void> (*)(Device&);

bool matches(StringView pattern, StringView name);

// The first driver of the table that matches, or null.
Attach find_driver(Span<const vocabulary::DriverEntry> drivers, StringView name);
// The same for either of a device's names, the more exact one first.
Attach find_driver(Span<const vocabulary::DriverEntry> drivers, const Device& device);

enum class Outcome { attached, no_driver, failed };
// Hands the device to its driver. It must live for ever if this returns attached. A driver that
// fails is reported as a warning.
Outcome offer(Device& device);

} // namespace devices
} // namespace os
