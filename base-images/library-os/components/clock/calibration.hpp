// How fast the time-stamp counter and the local APIC's timer run.
#pragma once

#include <cstdint>

namespace os::clock {

struct Frequencies {
    std::uint64_t tsc_hz = 0;
    std::uint64_t timer_hz = 0;
};
// The word of the hypervisor and of the CPU goes before measuring, which takes at most 2 ms.
// Zero where nothing tells.
Frequencies find_frequencies();

// The CPUID leaf below 0x40000000 + 0x100 where a hypervisor with this signature answers; 0: none.
std::uint32_t hypervisor_leaf(const char* signature);

} // namespace os::clock
