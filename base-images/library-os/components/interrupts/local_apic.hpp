// The local APIC of the boot CPU (Intel SDM volume 3, chapter 10), by MSR in x2APIC mode, else by
// memory.
#pragma once

#include <cstdint>

namespace os::interrupts {

inline constexpr std::uint8_t k_spurious_vector = 0x7f;

// False when its registers cannot be mapped.
bool enable_local_apic();
void end_of_interrupt();
std::uint32_t local_apic_id();

} // namespace os::interrupts
