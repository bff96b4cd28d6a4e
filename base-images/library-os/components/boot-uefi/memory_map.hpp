// The firmware's memory map, and leaving the firmware with it.
#pragma once

#include "firmware.hpp"
#include "hand_over.hpp"

namespace os::boot_uefi {

// The bytes to set aside for the map, with room for what it grows by until it is read; 0: the
// firmware does not say.
std::uint64_t map_room(const BootServices& services);

// Reads the map into room bytes at map.start and ends the boot services. After that nothing of the
// firmware may be called, whatever the status.
Status leave_firmware(const BootServices& services, Handle image, std::uint64_t room,
                      MemoryMap& map);

} // namespace os::boot_uefi
