#include <virtio-pci/virtio_pci.hpp>

namespace os::virtio_pci {

Result<Location> find_structure(const pci::ConfigSpace& space, Structure kind) {
    constexpr unsigned k_length = 16; // of the capability; the notify one has 4 more
    for (unsigned at = pci::find_capability(space, pci::k_capability_vendor); at != 0;
         at = pci::find_capability(space, pci::k_capability_vendor, at)) {
        const bool is_notify = kind == Structure::notify;
        if (at + k_length + (is_notify ? 4 : 0) > 256 ||
            space.read8(at + 3) != static_cast<std::uint8_t>(kind))
            continue;
        const std::uint8_t bar = space.read8(at + 4);
        if (bar > 5) // reserved values: to be ignored
            continue;
        return Location{bar, space.read32(at + 8), space.read32(at + 12),
                        is_notify ? space.read32(at + 16) : 0};
    }
    return Errno::enodev;
}

unsigned device_type(std::uint16_t pci_device, std::uint16_t subsystem) {
    if (pci_device >= 0x1040 && pci_device < 0x1080)
        return pci_device - 0x1040U;
    if (pci_device >= 0x1000 && pci_device < 0x1040) // transitional: the subsystem tells
        return subsystem;
    return 0;
}

} // namespace os::virtio_pci
