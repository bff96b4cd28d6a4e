// Sources, best first: kvmclock's scale; CPUID 0x40000010 (kHz, VMware's and others' convention);
// CPUID 0x15 (crystal and ratio, Intel SDM volume 2); else measuring. Under KVM and under QEMU's
// emulation the APIC timer counts nanoseconds, so the TSC is measured against it; elsewhere both
// are measured against the PIT (Intel 8254).
#include "calibration.hpp"

#include <arch/cpu.hpp>
#include <foundation/span.hpp>
#include <interrupts/interrupts.hpp>

#include "kvmclock.hpp"

namespace os::clock {
namespace {

constexpr std::uint64_t k_nanosecond_timer = 1000000000;
constexpr std::uint32_t k_timer_start = 0xffffffff;

std::uint64_t hypervisor_tsc_hz() {
    constexpr std::uint32_t first_leaf = 0x40000000;
    constexpr std::uint32_t frequency_leaf = 0x40000010;
    constexpr std::uint32_t cpuid_hypervisor = 1U << 31;
    if ((arch::cpuid(1).ecx & cpuid_hypervisor) == 0)
        return 0;
    const std::uint32_t last = arch::cpuid(first_leaf).eax;
    if (last < frequency_leaf || last > first_leaf + 0xff)
        return 0;
    return std::uint64_t{arch::cpuid(frequency_leaf).eax} * 1000;
}

std::uint64_t crystal_tsc_hz() {
    constexpr std::uint32_t crystal_leaf = 0x15;
    if (arch::cpuid(0).eax < crystal_leaf)
        return 0;
    const arch::CpuidLeaf leaf = arch::cpuid(crystal_leaf);
    if (leaf.eax == 0 || leaf.ebx == 0 || leaf.ecx == 0)
        return 0;
    return std::uint64_t{leaf.ecx} * leaf.ebx / leaf.eax;
}

// One reading of a counter between two of the TSC.
struct Sample {
    std::uint64_t tsc = 0; // the middle
    std::uint64_t width = UINT64_MAX;
    std::uint64_t count = 0;
};

// The reading that took the shortest time of several: its moment is known best.
template <typename Read>
Sample sample(Read read) {
    constexpr unsigned attempts = 8;
    Sample best;
    for (unsigned i = 0; i < attempts; ++i) {
        const std::uint64_t before = arch::read_tsc();
        const std::uint64_t count = read();
        const std::uint64_t after = arch::read_tsc();
        if (after - before < best.width)
            best = {.tsc = before + (after - before) / 2, .width = after - before, .count = count};
    }
    return best;
}

std::uint64_t timer_count() {
    return interrupts::timer_count();
}

// A function of its own, so that scripts/bench can tell waiting from work.
[[gnu::noinline]] void wait_for_timer(std::uint64_t since) {
    constexpr std::uint64_t span = 1000000; // ns
    while (since - interrupts::timer_count() < span)
        arch::pause();
}

std::uint64_t measure_tsc_by_timer() {
    interrupts::start_timer(k_timer_start);
    const Sample first = sample(&timer_count);
    wait_for_timer(first.count);
    const Sample second = sample(&timer_count);
    interrupts::start_timer(0);
    const std::uint64_t nanoseconds = first.count - second.count;
    return (second.tsc - first.tsc) * k_nanosecond_timer / nanoseconds;
}

// PIT channel 2, whose gate the port 0x61 controls; counts down from 65536.
constexpr std::uint64_t k_pit_hz = 1193182;
constexpr std::uint16_t k_pit_channel = 0x42;
constexpr std::uint16_t k_pit_command = 0x43;

void start_pit() {
    constexpr std::uint16_t gate_port = 0x61;
    constexpr std::uint8_t gate_on = 0x01;
    constexpr std::uint8_t speaker_on = 0x02;
    constexpr std::uint8_t channel_2_both_bytes_mode_0 = 0xb0;
    const std::uint8_t gate = arch::in8(gate_port);
    arch::out8(gate_port, static_cast<std::uint8_t>((gate & ~speaker_on) | gate_on));
    arch::out8(k_pit_command, channel_2_both_bytes_mode_0);
    arch::out8(k_pit_channel, 0xff);
    arch::out8(k_pit_channel, 0xff);
}

std::uint64_t pit_count() {
    constexpr std::uint8_t latch_channel_2 = 0x80;
    arch::out8(k_pit_command, latch_channel_2);
    const std::uint8_t low = arch::in8(k_pit_channel);
    return static_cast<std::uint64_t>(arch::in8(k_pit_channel)) << 8 | low;
}

Frequencies measure_by_pit() {
    constexpr std::uint64_t span = k_pit_hz / 640; // about 1.6 ms
    constexpr std::uint64_t patience = 2000000000; // TSC ticks: no counter answers
    start_pit();
    const Sample first = sample(&pit_count);
    interrupts::start_timer(k_timer_start);
    while (first.count - pit_count() < span)
        if (arch::read_tsc() - first.tsc > patience)
            return {};
    const std::uint64_t timer_ticks = k_timer_start - interrupts::timer_count();
    const Sample second = sample(&pit_count);
    interrupts::start_timer(0);
    const std::uint64_t ticks = first.count - second.count;
    if (ticks == 0 || ticks > 0xffff)
        return {};
    // The timer ran a little shorter than the PIT was watched; it is only an alarm.
    return {.tsc_hz = (second.tsc - first.tsc) * k_pit_hz / ticks,
            .timer_hz = timer_ticks * k_pit_hz / ticks};
}

bool timer_counts_nanoseconds() {
    return hypervisor_leaf("KVMKVMKVM") != 0 || hypervisor_leaf("TCGTCGTCGTCG") != 0;
}

std::uint64_t announced_tsc_hz() {
    for (const auto source : {&kvmclock_tsc_hz, &hypervisor_tsc_hz, &crystal_tsc_hz})
        if (const std::uint64_t hz = source())
            return hz;
    return 0;
}

} // namespace

std::uint32_t hypervisor_leaf(const char* signature) {
    constexpr std::uint32_t cpuid_hypervisor = 1U << 31;
    if ((arch::cpuid(1).ecx & cpuid_hypervisor) == 0)
        return 0;
    for (std::uint32_t leaf = 0x40000000; leaf < 0x40000200; leaf += 0x100) {
        const arch::CpuidLeaf found = arch::cpuid(leaf);
        const std::uint32_t words[3] = {found.ebx, found.ecx, found.edx};
        if (StringView(reinterpret_cast<const char*>(words), sizeof(words)).starts_with(signature))
            return leaf;
    }
    return 0;
}

Frequencies find_frequencies() {
    Frequencies found{.tsc_hz = announced_tsc_hz(), .timer_hz = 0};
    if (timer_counts_nanoseconds()) {
        found.timer_hz = k_nanosecond_timer;
        if (found.tsc_hz == 0)
            found.tsc_hz = measure_tsc_by_timer();
        return found;
    }
    const Frequencies measured = measure_by_pit();
    found.timer_hz = measured.timer_hz;
    if (found.tsc_hz == 0)
        found.tsc_hz = measured.tsc_hz;
    return found;
}

} // namespace os::clock
