#pragma once

#include <cstddef>
#include <cstdint>

namespace os::boot_uefi {

// The load options (UEFI 2.10, 3.1.3 and 9.1) as a command line in UTF-8, cut off at a character
// where there is no more room. Firmware passes whatever a boot entry holds: what is not text, from
// the first byte to the NUL or the end, is left out whole.
void read_load_options(const void* options, std::uint64_t size, char* out, std::size_t room);

} // namespace os::boot_uefi
