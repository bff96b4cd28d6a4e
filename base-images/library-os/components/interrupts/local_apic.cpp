#include "local_apic.hpp"

#include <arch/cpu.hpp>
#include <arch/front_door.hpp>
#include <interrupts/interrupts.hpp>

namespace os::interrupts {
namespace {

// Offsets in memory; the MSR is 0x800 + offset / 16.
constexpr std::uint32_t k_id = 0x20;
constexpr std::uint32_t k_task_priority = 0x80;
constexpr std::uint32_t k_end_of_interrupt = 0xb0;
constexpr std::uint32_t k_spurious = 0xf0;
constexpr std::uint32_t k_timer_entry = 0x320;
constexpr std::uint32_t k_line_0 = 0x350;
constexpr std::uint32_t k_line_1 = 0x360;
constexpr std::uint32_t k_error = 0x370;
constexpr std::uint32_t k_timer_initial = 0x380;
constexpr std::uint32_t k_timer_current = 0x390;
constexpr std::uint32_t k_timer_divide = 0x3e0;
constexpr std::uint32_t k_masked = 1U << 16;

constinit volatile std::uint8_t* g_registers = nullptr; // null: x2APIC

std::uint32_t read_register(std::uint32_t offset) {
    if (g_registers != nullptr)
        return *reinterpret_cast<volatile std::uint32_t*>(g_registers + offset);
    return static_cast<std::uint32_t>(arch::read_msr(0x800 + offset / 16));
}

void write_register(std::uint32_t offset, std::uint32_t value) {
    if (g_registers != nullptr)
        *reinterpret_cast<volatile std::uint32_t*>(g_registers + offset) = value;
    else
        arch::write_msr(0x800 + offset / 16, value);
}

bool find_registers() {
    constexpr std::uint32_t msr_apic_base = 0x1b;
    constexpr std::uint64_t enabled = 1U << 11;
    constexpr std::uint64_t x2apic = 1U << 10;
    constexpr std::uint32_t cpuid_x2apic = 1U << 21;
    constexpr std::uint64_t address_mask = 0x000ffffffffff000;
    const std::uint64_t base = arch::read_msr(msr_apic_base);
    if ((arch::cpuid(1).ecx & cpuid_x2apic) != 0) {
        arch::write_msr(msr_apic_base, base | enabled);
        arch::write_msr(msr_apic_base, base | enabled | x2apic);
        return true;
    }
    arch::write_msr(msr_apic_base, base | enabled);
    g_registers = static_cast<volatile std::uint8_t*>(
        arch::map_early_device(PhysAddr{base & address_mask}, k_page_size));
    return g_registers != nullptr;
}

} // namespace

bool enable_local_apic() {
    if (!find_registers())
        return false;
    constexpr std::uint32_t software_enabled = 1U << 8;
    constexpr std::uint32_t deliver_nmi = 4U << 8;
    constexpr std::uint32_t divide_by_one = 0xb;
    struct {
        std::uint32_t offset;
        std::uint32_t value;
    } const writes[] = {
        {k_task_priority, 0},
        {k_spurious, software_enabled | k_spurious_vector},
        {k_timer_entry, k_masked},
        {k_line_0, k_masked}, // the old PICs
        {k_line_1, deliver_nmi},
        {k_error, k_masked},
        {k_timer_divide, divide_by_one},
    };
    for (const auto& write : writes)
        write_register(write.offset, write.value);
    return true;
}

void end_of_interrupt() {
    write_register(k_end_of_interrupt, 0);
}

std::uint32_t local_apic_id() {
    const std::uint32_t id = read_register(k_id);
    return g_registers != nullptr ? id >> 24 : id;
}

void start_timer(std::uint32_t count) {
    write_register(k_timer_initial, count);
}

std::uint32_t timer_count() {
    return read_register(k_timer_current);
}

void set_timer_vector(std::uint8_t vector) {
    write_register(k_timer_entry, vector); // one-shot, not masked
}

} // namespace os::interrupts
