#include <clock/clock.hpp>

#include <arch/boot_info.hpp>
#include <arch/cpu.hpp>
#include <interrupts/interrupts.hpp>

#include "calibration.hpp"
#include "fixed_point.hpp"
#include "kvmclock.hpp"
#include "rtc.hpp"

namespace os::clock {
namespace {

constexpr std::uint64_t k_second = 1000000000;

using AlarmHandler = void (*)();
constinit TscParameters g_parameters;
constinit std::uint64_t g_timer_ticks = 0; // a nanosecond, 32.32 fixed point
constinit Nanoseconds g_deadline = k_forever;
constinit AlarmHandler g_alarm_handler = nullptr;

// Sets the timer to the deadline, or to as far as it reaches. Interrupts off.
void arm() {
    if (g_deadline == k_forever)
        return interrupts::start_timer(0);
    constexpr std::int64_t reach = 4000000000; // ns; rearmed then
    const std::int64_t left = (g_deadline - monotonic()).value;
    const std::int64_t wait = left < 1 ? 1 : left < reach ? left : reach;
    const std::uint64_t ticks = scale(static_cast<std::uint64_t>(wait), g_timer_ticks) + 1;
    interrupts::start_timer(ticks < UINT32_MAX ? static_cast<std::uint32_t>(ticks) : UINT32_MAX);
}

void on_timer(void*) {
    if (monotonic() < g_deadline)
        return arm();
    g_deadline = k_forever;
    if (g_alarm_handler != nullptr)
        g_alarm_handler();
}

Nanoseconds wall_clock_at_boot() {
    const std::int64_t host = kvmclock_realtime();
    if (host != 0)
        return {host};
    return {read_rtc() * static_cast<std::int64_t>(k_second)};
}

} // namespace

Result<void> start() {
    const Frequencies found = find_frequencies();
    if (found.tsc_hz == 0 || found.timer_hz == 0)
        return Errno::enodev;
    g_parameters.base_tsc = arch::boot_info().entry_tsc;
    g_parameters.shift = k_fraction_bits;
    g_parameters.multiplier = (k_second << k_fraction_bits) / found.tsc_hz;
    // Split, so that the product fits: frequencies may exceed 4 GHz.
    g_timer_ticks = (found.timer_hz / k_second << k_fraction_bits) +
                    ((found.timer_hz % k_second) << k_fraction_bits) / k_second;
    set_realtime(wall_clock_at_boot());
    const std::uint8_t vector = UNIK_TRY(interrupts::allocate_vector(&on_timer, nullptr));
    interrupts::set_timer_vector(vector);
    return {};
}

Nanoseconds at_tsc(std::uint64_t tsc) {
    return {static_cast<std::int64_t>(scale(tsc - g_parameters.base_tsc, g_parameters.multiplier))};
}

Nanoseconds monotonic() {
    return at_tsc(arch::read_tsc());
}

Nanoseconds realtime() {
    return monotonic() + Nanoseconds{g_parameters.realtime_offset};
}

void set_realtime(Nanoseconds now) {
    g_parameters.realtime_offset = (now - monotonic()).value;
}

TscParameters tsc_parameters() {
    return g_parameters;
}

void set_alarm_handler(void (*handler)()) {
    g_alarm_handler = handler;
}

void set_alarm(Nanoseconds deadline) {
    arch::InterruptGuard guard;
    g_deadline = deadline;
    arm();
}

} // namespace os::clock
