#include <pci/config_space.hpp>

namespace os::pci {

namespace {
constexpr std::uint16_t k_status_has_capabilities = 1 << 4;
constexpr unsigned k_capability_pointer = 0x34;
constexpr unsigned k_first_capability = 0x40; // they lie behind the header
constexpr unsigned k_most_capabilities = (256 - k_first_capability) / 4;
constexpr unsigned k_first_bar = 0x10;
constexpr unsigned k_bar_count = 6;
} // namespace

std::uint8_t ConfigSpace::read8(unsigned offset) const {
    return static_cast<std::uint8_t>(read32(offset & ~3U) >> (8 * (offset & 3)));
}

std::uint16_t ConfigSpace::read16(unsigned offset) const {
    return static_cast<std::uint16_t>(read32(offset & ~3U) >> (8 * (offset & 2)));
}

void ConfigSpace::write16(unsigned offset, std::uint16_t value) {
    const unsigned shift = 8 * (offset & 2);
    // Status bits beside the command register are cleared by writing ones: write zeroes there.
    const std::uint32_t old = offset == k_command ? 0 : read32(offset & ~3U);
    write32(offset & ~3U, (old & ~(0xffffU << shift)) | static_cast<std::uint32_t>(value) << shift);
}

unsigned find_capability(const ConfigSpace& space, std::uint8_t id, unsigned after) {
    if ((space.read16(k_status) & k_status_has_capabilities) == 0)
        return 0;
    unsigned offset = space.read8(after == 0 ? k_capability_pointer : after + 1) & ~3U;
    for (unsigned i = 0; i < k_most_capabilities && offset >= k_first_capability; ++i) {
        if (space.read8(offset) == id)
            return offset;
        offset = space.read8(offset + 1) & ~3U;
    }
    return 0;
}

Result<MemoryBar> memory_bar(ConfigSpace& space, unsigned index) {
    if (index >= k_bar_count)
        return Errno::enxio;
    const unsigned offset = k_first_bar + 4 * index;
    const std::uint32_t low = space.read32(offset);
    const bool is_io = (low & 1) != 0;
    const bool is_wide = (low & 6) == 4;
    if (is_io || (is_wide && index + 1 >= k_bar_count))
        return Errno::enxio;
    const std::uint32_t high = is_wide ? space.read32(offset + 4) : 0;
    const std::uint64_t address = (static_cast<std::uint64_t>(high) << 32) | (low & ~15U);

    // Writing ones shows which address bits the device decodes; it must not decode meanwhile.
    const std::uint16_t command = space.read16(k_command);
    space.write16(k_command, static_cast<std::uint16_t>(command & ~k_command_memory));
    space.write32(offset, 0xffffffff);
    std::uint64_t mask = space.read32(offset) & ~15U;
    space.write32(offset, low);
    if (is_wide) {
        space.write32(offset + 4, 0xffffffff);
        mask |= static_cast<std::uint64_t>(space.read32(offset + 4)) << 32;
        space.write32(offset + 4, high);
    } else {
        mask |= 0xffffffff00000000;
    }
    space.write16(k_command, command);

    const std::uint64_t size = ~mask + 1;
    if (address == 0 || size == 0 || address + size < address)
        return Errno::enxio;
    return MemoryBar{{address}, size};
}

Result<std::uint16_t> port_bar(const ConfigSpace& space, unsigned index) {
    if (index >= k_bar_count)
        return Errno::enxio;
    const std::uint32_t value = space.read32(k_first_bar + 4 * index);
    const std::uint32_t port = value & ~3U;
    if ((value & 1) == 0 || port == 0 || port > 0xffff)
        return Errno::enxio;
    return static_cast<std::uint16_t>(port);
}

Result<void> enable_msi(ConfigSpace& space, std::uint64_t address, std::uint32_t data) {
    constexpr std::uint16_t enabled = 1 << 0;
    constexpr std::uint16_t messages = 7 << 4; // how many, as a power of two
    constexpr std::uint16_t wide = 1 << 7;
    constexpr unsigned longest = 14;
    const unsigned at = find_capability(space, k_capability_msi);
    if (at == 0 || at + longest > 256)
        return Errno::enodev;
    const std::uint16_t control = space.read16(at + 2);
    const bool is_wide = (control & wide) != 0;
    if (!is_wide && address >> 32 != 0)
        return Errno::enodev;
    space.write32(at + 4, static_cast<std::uint32_t>(address));
    if (is_wide)
        space.write32(at + 8, static_cast<std::uint32_t>(address >> 32));
    space.write16(at + (is_wide ? 12U : 8U), static_cast<std::uint16_t>(data));
    space.write16(at + 2, static_cast<std::uint16_t>((control & ~messages) | enabled));
    return {};
}

} // namespace os::pci
