#include "command_memory.hpp"

namespace os::ahci {

namespace {
constexpr std::uint16_t k_frame_words = 5; // of 32 bits
constexpr std::uint16_t k_flag_write = 1 << 6;
constexpr std::uint8_t k_host_to_device = 0x27; // Serial ATA 3.x, 10.5.5
constexpr std::uint8_t k_carries_command = 0x80;

void write_frame(std::uint8_t* frame, const ata::Command& command) {
    const std::uint8_t bytes[20] = {
        k_host_to_device,
        k_carries_command,
        command.opcode,
        0, // features
        command.lba_byte(0),
        command.lba_byte(1),
        command.lba_byte(2),
        command.device_register(0),
        command.width == ata::Width::bits_48 ? command.lba_byte(3) : std::uint8_t{0},
        command.width == ata::Width::bits_48 ? command.lba_byte(4) : std::uint8_t{0},
        command.width == ata::Width::bits_48 ? command.lba_byte(5) : std::uint8_t{0},
        0,
        static_cast<std::uint8_t>(command.count),
        static_cast<std::uint8_t>(command.count >> 8),
    };
    __builtin_memcpy(frame, bytes, sizeof bytes);
}
} // namespace

void write_command(std::uint8_t* memory, PhysAddr memory_address, const ata::Command& command,
                   PhysAddr data, std::size_t size) {
    auto& table = *reinterpret_cast<CommandTable*>(memory + k_table_offset);
    write_frame(table.frame, command);
    table.region.address = data.value;
    table.region.last_byte = static_cast<std::uint32_t>(size - 1);

    auto& header = *reinterpret_cast<CommandHeader*>(memory + k_list_offset);
    header.flags =
        static_cast<std::uint16_t>(k_frame_words | (command.to_device() ? k_flag_write : 0));
    header.region_count = size == 0 ? 0 : 1;
    header.moved = 0;
    header.table = memory_address.value + k_table_offset;
}

std::uint32_t moved_bytes(const std::uint8_t* memory) {
    const auto* moved = reinterpret_cast<const volatile std::uint32_t*>(
        memory + k_list_offset + __builtin_offsetof(CommandHeader, moved));
    return *moved;
}

} // namespace os::ahci
