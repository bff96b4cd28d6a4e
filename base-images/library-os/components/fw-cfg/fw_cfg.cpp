// The port interface: a selector, then bytes one after another. The directory (selector 0x19) has
// a big-endian count and entries of size, selector and name.
#include <fw-cfg/fw_cfg.hpp>

#include <arch/cpu.hpp>
#include <vocabulary/endian.hpp>

namespace os::fw_cfg {
namespace {

constexpr std::uint16_t k_selector_port = 0x510;
constexpr std::uint16_t k_data_port = 0x511;
constexpr std::uint16_t k_signature = 0x00;
constexpr std::uint16_t k_directory = 0x19;
constexpr std::uint32_t k_most_files = 512;

struct DirectoryEntry {
    vocabulary::Be32 size;
    vocabulary::Be16 selector;
    vocabulary::Be16 reserved;
    char name[56];
};
static_assert(sizeof(DirectoryEntry) == 64);

void select(std::uint16_t selector) {
    arch::out16(k_selector_port, selector);
}

void read_bytes(void* destination, std::size_t size) {
    arch::in8_repeated(k_data_port, destination, size);
}

bool present() {
    char signature[4];
    select(k_signature);
    read_bytes(signature, sizeof(signature));
    return StringView(signature, sizeof(signature)) == "QEMU";
}

} // namespace

Result<File> find(StringView name) {
    if (!present())
        return Errno::enodev;
    select(k_directory);
    vocabulary::Be32 announced;
    read_bytes(&announced, sizeof(announced));
    const std::uint32_t count = announced < k_most_files ? std::uint32_t{announced} : k_most_files;
    for (std::uint32_t i = 0; i < count; ++i) {
        DirectoryEntry entry;
        read_bytes(&entry, sizeof(entry));
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
