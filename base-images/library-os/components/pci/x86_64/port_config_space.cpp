// Configuration mechanism 1: two ports (PCI Local Bus Specification 3.0, 3.2.2.3.2).
#include <arch/cpu.hpp>
#include <pci/function.hpp>

namespace os::pci {
namespace {

constexpr std::uint16_t k_address_port = 0xcf8;
constexpr std::uint16_t k_data_port = 0xcfc;

std::uint32_t port_address(Address address, unsigned offset) {
    return 0x80000000U | static_cast<std::uint32_t>(address.bus) << 16 |
           static_cast<std::uint32_t>(address.device) << 11 |
           static_cast<std::uint32_t>(address.function) << 8 | (offset & 0xfc);
}

} // namespace

std::uint32_t PortConfigSpace::read32(unsigned offset) const {
    const arch::InterruptGuard guard; // two ports, one access
    arch::out32(k_address_port, port_address(address_, offset));
    return arch::in32(k_data_port);
}

void PortConfigSpace::write32(unsigned offset, std::uint32_t value) {
    const arch::InterruptGuard guard;
    arch::out32(k_address_port, port_address(address_, offset));
    arch::out32(k_data_port, value);
}

} // namespace os::pci
