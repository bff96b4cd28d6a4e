// Files by QEMU's fw_cfg device (docs/specs/fw_cfg): a selector, then the item's bytes one after
// another, by DMA where it is offered, else by a port. The directory (selector 0x19) has a
// big-endian count and entries of size, selector and name.
#include <fw-cfg/fw_cfg.hpp>

#include <arch/cpu.hpp>
#include <arch/paging.hpp>
#include <vocabulary/endian.hpp>

namespace os::fw_cfg {
namespace {

using vocabulary::Be16;
using vocabulary::Be32;
using vocabulary::Be64;

constexpr std::uint16_t k_selector_port = 0x510;
constexpr std::uint16_t k_data_port = 0x511;
constexpr std::uint16_t k_dma_high_port = 0x514;
constexpr std::uint16_t k_dma_low_port = 0x518;
constexpr std::uint16_t k_signature = 0x00;
constexpr std::uint16_t k_features = 0x01;
constexpr std::uint16_t k_directory = 0x19;
constexpr std::uint32_t k_most_files = 512;

struct DirectoryEntry {
    Be32 size;
    Be16 selector;
    Be16 reserved;
    char name[56];
};
static_assert(sizeof(DirectoryEntry) == 64);

struct DmaRequest {
    Be32 control;
    Be32 length;
    Be64 address;
};
static_assert(sizeof(DmaRequest) == 16);

enum class Access { unknown, absent, port, dma };
constinit Access g_access = Access::unknown;

// The device writes here; the image lies at a known physical address, destinations may not.
constinit DmaRequest g_request;
alignas(1024) constinit std::uint8_t g_window[1024] = {};

void select(std::uint16_t selector) {
    arch::out16(k_selector_port, selector);
}

// The item's next bytes through the window. False when the device refuses.
bool read_window(std::size_t size) {
    constexpr std::uint32_t command_read = 2;
    constexpr std::uint32_t error = 1;
    g_request.control = command_read;
    g_request.length = static_cast<std::uint32_t>(size);
    g_request.address = arch::image_physical(g_window).value;
    const std::uint64_t request = arch::image_physical(&g_request).value;
    arch::out32(k_dma_high_port, __builtin_bswap32(static_cast<std::uint32_t>(request >> 32)));
    arch::out32(k_dma_low_port, __builtin_bswap32(static_cast<std::uint32_t>(request)));
    const auto& control = *reinterpret_cast<volatile std::uint32_t*>(&g_request.control);
    std::uint32_t state = __builtin_bswap32(control);
    while ((state & ~error) != 0)
        state = __builtin_bswap32(control);
    return state == 0;
}

void read_bytes(void* destination, std::size_t size) {
    if (g_access != Access::dma)
        return arch::in8_repeated(k_data_port, destination, size);
    auto* bytes = static_cast<std::uint8_t*>(destination);
    for (std::size_t done = 0; done < size;) {
        const std::size_t left = size - done;
        const std::size_t part = left < sizeof(g_window) ? left : sizeof(g_window);
        if (!read_window(part)) {
            __builtin_memset(bytes + done, 0, left);
            return;
        }
        __builtin_memcpy(bytes + done, g_window, part);
        done += part;
    }
}

Access detect() {
    char signature[4];
    select(k_signature);
    read_bytes(signature, sizeof(signature));
    if (!(StringView(signature, sizeof(signature)) == "QEMU"))
        return Access::absent;
    std::uint8_t features = 0;
    select(k_features);
    read_bytes(&features, sizeof(features));
    constexpr std::uint8_t has_dma = 2;
    return (features & has_dma) != 0 ? Access::dma : Access::port;
}

} // namespace

Result<File> find(StringView name) {
    if (g_access == Access::unknown)
        g_access = detect();
    if (g_access == Access::absent)
        return Errno::enodev;
    select(k_directory);
    Be32 announced;
    read_bytes(&announced, sizeof(announced));
    const std::uint32_t count = announced < k_most_files ? std::uint32_t{announced} : k_most_files;
    DirectoryEntry entries[sizeof(g_window) / sizeof(DirectoryEntry)];
    constexpr std::uint32_t at_once = sizeof(entries) / sizeof(entries[0]);
    for (std::uint32_t i = 0; i < count; ++i) {
        const std::uint32_t left = count - i;
        if (i % at_once == 0)
            read_bytes(entries, (left < at_once ? left : at_once) * sizeof(DirectoryEntry));
        const DirectoryEntry& entry = entries[i % at_once];
        const StringView padded(entry.name, sizeof(entry.name));
        if (padded.part(0, padded.find('\0')) == name)
            return File{.selector = entry.selector, .size = entry.size};
    }
    return Errno::enoent;
}

std::size_t read(File file, MutableBytes buffer) {
    const std::size_t size = buffer.size() < file.size ? buffer.size() : file.size;
    select(file.selector);
    read_bytes(buffer.data(), size);
    return size;
}

} // namespace os::fw_cfg
