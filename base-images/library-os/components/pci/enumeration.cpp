// Finds every function behind the configuration ports, through bridges as the firmware numbered
// their buses. A machine without PCI (microvm) answers all ones, and nothing is found.
#include <foundation/own.hpp>
#include <pci/function.hpp>

namespace os::pci {

namespace {
constexpr unsigned k_deepest = 8; // bridges behind one another
constexpr std::uint8_t k_devices_per_bus = 32;
constexpr std::uint8_t k_functions_per_device = 8;
constexpr std::uint8_t k_header_multifunction = 0x80;
constexpr std::uint8_t k_header_bridge = 1;

Result<void> scan_bus(std::uint8_t bus, unsigned depth);

Result<void> scan_function(Address address, unsigned depth) {
    const PortConfigSpace space(address);
    if ((space.read8(k_header_type) & ~k_header_multifunction) == k_header_bridge) {
        const std::uint8_t secondary = space.read8(k_secondary_bus);
        // Numbers grow away from the root; anything else would loop.
        if (secondary > address.bus && depth < k_deepest)
            return scan_bus(secondary, depth + 1);
        return {};
    }
    auto function = UNIK_TRY(try_make<Function>(address));
    if (devices::offer(*function) == devices::Outcome::attached)
        (void)function.release();
    return {};
}

Result<void> scan_bus(std::uint8_t bus, unsigned depth) {
    for (std::uint8_t device = 0; device < k_devices_per_bus; ++device) {
        std::uint8_t functions = 1;
        for (std::uint8_t function = 0; function < functions; ++function) {
            const Address address{bus, device, function};
            const PortConfigSpace space(address);
            if (space.read16(k_vendor) == 0xffff)
                continue;
            if (function == 0 && (space.read8(k_header_type) & k_header_multifunction) != 0)
                functions = k_functions_per_device;
            UNIK_TRY(scan_function(address, depth));
        }
    }
    return {};
}
} // namespace

Result<void> start() {
    return scan_bus(0, 0);
}

} // namespace os::pci
