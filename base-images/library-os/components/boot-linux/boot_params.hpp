// What a Linux loader passes: struct boot_params, the "zero page" (Linux's
// Documentation/arch/x86/zero-page.rst). Only what we read.
#pragma once

#include <cstddef>
#include <cstdint>

namespace os::boot_linux {

struct [[gnu::packed]] E820Entry {
    std::uint64_t address;
    std::uint64_t size;
    std::uint32_t type;
};
static_assert(sizeof(E820Entry) == 20);

inline constexpr std::uint8_t k_most_e820_entries = 128;

struct [[gnu::packed]] BootParams {
    std::uint8_t screen_information[0x70];
    std::uint64_t acpi_root; // 0: not given
    std::uint8_t other_1[0xc8 - 0x78];
    std::uint32_t command_line_high;
    std::uint8_t other_2[0x1e8 - 0xcc];
    std::uint8_t e820_count;
    std::uint8_t other_3[0x228 - 0x1e9];
    std::uint32_t command_line;
    std::uint8_t other_4[0x2d0 - 0x22c];
    E820Entry e820[k_most_e820_entries];
};
static_assert(offsetof(BootParams, acpi_root) == 0x70);
static_assert(offsetof(BootParams, command_line_high) == 0xc8);
static_assert(offsetof(BootParams, e820_count) == 0x1e8);
static_assert(offsetof(BootParams, command_line) == 0x228);
static_assert(offsetof(BootParams, e820) == 0x2d0);

} // namespace os::boot_linux
