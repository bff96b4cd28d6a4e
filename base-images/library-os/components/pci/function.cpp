// MSI-X: PCI Local Bus Specification 3.0, 6.8.2.
#include "pin_interrupts.hpp"

#include <foundation/format.hpp>
#include <memory/frames.hpp>
#include <pci/function.hpp>

namespace os::pci {

namespace {
constexpr std::uint64_t k_most_mapped = 1 << 20; // registers, not memory

constexpr std::uint16_t k_msix_enable = 1 << 15;
constexpr std::uint16_t k_msix_mask_all = 1 << 14;
constexpr std::uint16_t k_msix_table_size = 0x7ff; // less one
struct MsixEntry {
    std::uint32_t address_low;
    std::uint32_t address_high;
    std::uint32_t data;
    std::uint32_t masked;
};
static_assert(sizeof(MsixEntry) == 16);
} // namespace

Function::Function(Address address) : space_(address) {
    format(match_, sizeof match_, "pci:%04x:%04x", vendor(), device_id());
    format(match_by_class_, sizeof match_by_class_, "pci-class:%06x", class_code());
    format(place_, sizeof place_, "PCI %02x:%02x.%u", address.bus, address.device,
           address.function);
}

void Function::enable() {
    const std::uint16_t command = space_.read16(k_command);
    space_.write16(k_command,
                   static_cast<std::uint16_t>(command | k_command_ports | k_command_memory |
                                              k_command_bus_master | k_command_no_intx));
}

Result<std::uint16_t> Function::port(unsigned bar) {
    return port_bar(space_, bar);
}

Result<VirtAddr> Function::map(unsigned bar, std::uint64_t offset, std::uint64_t size) {
    const MemoryBar memory = UNIK_TRY(memory_bar(space_, bar));
    if (size > k_most_mapped || offset > memory.size || size > memory.size - offset)
        return Errno::enxio;
    return memory::map_device(memory.address + offset, size);
}

bool Function::has_msix_entry(unsigned entry) {
    const unsigned capability = find_capability(space_, k_capability_msix);
    return capability != 0 && capability + 8 <= 256 &&
           entry <= (space_.read16(capability + 2) & k_msix_table_size);
}

Result<void> Function::route_msix(unsigned entry, std::uint8_t vector) {
    if (!has_msix_entry(entry))
        return Errno::enodev;
    const unsigned capability = find_capability(space_, k_capability_msix);
    const std::uint16_t control = space_.read16(capability + 2);
    const std::uint32_t table = space_.read32(capability + 4);
    const VirtAddr mapped =
        UNIK_TRY(map(table & 7, (table & ~7U) + entry * sizeof(MsixEntry), sizeof(MsixEntry)));
    const interrupts::MsiMessage message = interrupts::msi_message(vector);
    volatile MsixEntry* slot = mapped.as<volatile MsixEntry>();
    slot->address_low = static_cast<std::uint32_t>(message.address);
    slot->address_high = static_cast<std::uint32_t>(message.address >> 32);
    slot->data = message.data;
    slot->masked = 0;
    space_.write16(capability + 2,
                   static_cast<std::uint16_t>((control & ~k_msix_mask_all) | k_msix_enable));
    return {};
}

Result<void> Function::connect_by_message(interrupts::Handler handler, void* argument) {
    if (!has_msix_entry(0) && find_capability(space_, k_capability_msi) == 0)
        return Errno::enodev;
    const std::uint8_t vector = UNIK_TRY(interrupts::allocate_vector(handler, argument));
    if (route_msix(0, vector).ok())
        return {};
    const interrupts::MsiMessage message = interrupts::msi_message(vector);
    return enable_msi(space_, message.address, message.data);
}

Result<void> Function::connect_interrupt(interrupts::Handler handler, void* argument) {
    if (connect_by_message(handler, argument).ok())
        return {};
    const std::uint16_t command = space_.read16(k_command);
    space_.write16(k_command, static_cast<std::uint16_t>(command & ~k_command_no_intx));
    return connect_pin(space_, handler, argument);
}

} // namespace os::pci
