// KVM's paravirtual clock (Linux, Documentation/virt/kvm/x86/msr.rst): only asked once, for the
// TSC's frequency and for the wall clock at boot.
#pragma once

#include <cstdint>

namespace os::clock {

std::uint64_t kvmclock_tsc_hz(); // 0: no kvmclock
// Nanoseconds since 1970 now; 0: no kvmclock.
std::int64_t kvmclock_realtime();

} // namespace os::clock
