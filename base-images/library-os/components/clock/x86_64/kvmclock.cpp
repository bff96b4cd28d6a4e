#include "kvmclock.hpp"

#include <arch/cpu.hpp>
#include <arch/paging.hpp>

#include "calibration.hpp"
#include "fixed_point.hpp"

namespace os::clock {
namespace {

constexpr std::uint32_t k_msr_wall_clock = 0x4b564d00;
constexpr std::uint32_t k_msr_system_time = 0x4b564d01;
constexpr std::int64_t k_nanoseconds = 1000000000;

struct WallClock {
    std::uint32_t version;
    std::uint32_t seconds;
    std::uint32_t nanoseconds;
};

struct alignas(32) SystemTime {
    std::uint32_t version;
    std::uint32_t padding;
    std::uint64_t tsc;
    std::uint64_t nanoseconds; // since boot, at `tsc`
    std::uint32_t multiplier;
    std::int8_t shift;
    std::uint8_t flags;
    std::uint8_t more_padding[2];
};
static_assert(sizeof(SystemTime) == 32);

// The host writes here.
constinit volatile SystemTime g_system_time = {};
constinit volatile WallClock g_wall_clock = {};

bool available() {
    constexpr std::uint32_t feature_clock_source = 1U << 3;
    const std::uint32_t leaf = hypervisor_leaf("KVMKVMKVM");
    return leaf != 0 && (arch::cpuid(leaf + 1).eax & feature_clock_source) != 0;
}

// Has the host fill in the system time once.
bool ask_system_time() {
    if (!available())
        return false;
    constexpr std::uint64_t enable = 1;
    arch::write_msr(k_msr_system_time, arch::image_physical(&g_system_time).value | enable);
    arch::write_msr(k_msr_system_time, 0);
    return g_system_time.multiplier != 0;
}

std::int64_t system_nanoseconds() {
    std::uint64_t delta = arch::read_tsc() - g_system_time.tsc;
    delta = g_system_time.shift >= 0 ? delta << g_system_time.shift : delta >> -g_system_time.shift;
    return static_cast<std::int64_t>(g_system_time.nanoseconds +
                                     scale(delta, g_system_time.multiplier));
}

} // namespace

std::uint64_t kvmclock_tsc_hz() {
    if (!ask_system_time())
        return 0;
    const std::uint64_t unshifted =
        (static_cast<std::uint64_t>(k_nanoseconds) << 32) / g_system_time.multiplier;
    return g_system_time.shift >= 0 ? unshifted >> g_system_time.shift
                                    : unshifted << -g_system_time.shift;
}

std::int64_t kvmclock_realtime() {
    if (!ask_system_time())
        return 0;
    arch::write_msr(k_msr_wall_clock, arch::image_physical(&g_wall_clock).value);
    if (g_wall_clock.seconds == 0)
        return 0;
    return std::int64_t{g_wall_clock.seconds} * k_nanoseconds + g_wall_clock.nanoseconds +
           system_nanoseconds();
}

} // namespace os::clock
