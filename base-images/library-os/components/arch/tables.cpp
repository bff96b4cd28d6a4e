// GDT, TSS and IDT (Intel SDM volume 3, chapters 3, 6.14 and 7.7) and the system call registers.
#include "tables.hpp"

#include <arch/cpu.hpp>
#include <arch/per_cpu.hpp>
#include <arch/traps.hpp>

extern "C" {
extern std::uint8_t unik_trap_stubs[];
extern std::uint8_t unik_entry_stack_top[];
extern std::uint8_t unik_fatal_stack_top[];
void unik_syscall_entry();
}

namespace os::arch {
namespace {

constexpr std::uint16_t k_code_selector = 0x08;
constexpr std::uint16_t k_task_selector = 0x18;
constexpr std::uint8_t k_entry_stack = 1; // IST indices
constexpr std::uint8_t k_fatal_stack = 2;
constexpr unsigned k_stub_size = 16;
constexpr unsigned k_nmi = 2;
constexpr unsigned k_double_fault = 8;
constexpr unsigned k_machine_check = 18;

struct [[gnu::packed]] TaskState {
    std::uint32_t reserved_0 = 0;
    std::uint64_t stack[3] = {};
    std::uint64_t reserved_1 = 0;
    std::uint64_t interrupt_stack[7] = {}; // [0] is IST 1
    std::uint64_t reserved_2 = 0;
    std::uint16_t reserved_3 = 0;
    std::uint16_t io_map = sizeof(TaskState);
};
static_assert(sizeof(TaskState) == 104);

struct Gate {
    std::uint16_t offset_low = 0;
    std::uint16_t selector = 0;
    std::uint8_t stack = 0;
    std::uint8_t type = 0;
    std::uint16_t offset_middle = 0;
    std::uint32_t offset_high = 0;
    std::uint32_t reserved = 0;
};
static_assert(sizeof(Gate) == 16);

constinit std::uint64_t g_descriptors[5] = {0, 0x00af9b000000ffff, 0x00cf93000000ffff, 0, 0};
constinit TaskState g_task_state;
constinit Gate g_gates[k_cpu_vectors];
constinit PerCpu g_boot_cpu;

std::uint64_t address_of(const void* pointer) {
    return reinterpret_cast<std::uint64_t>(pointer);
}

void fill_task_descriptor() {
    const std::uint64_t base = address_of(&g_task_state);
    constexpr std::uint64_t available_64_bit_tss = 0x89;
    g_descriptors[3] = (sizeof(TaskState) - 1) | ((base & 0xffffff) << 16) |
                       (available_64_bit_tss << 40) | (((base >> 24) & 0xff) << 56);
    g_descriptors[4] = base >> 32;
}

void fill_gates() {
    constexpr std::uint8_t present_interrupt_gate = 0x8e;
    for (unsigned vector = 0; vector < k_cpu_vectors; ++vector) {
        const unsigned stub = vector < k_trap_vectors ? vector : k_stray_vector;
        const std::uint64_t target = address_of(unik_trap_stubs + stub * k_stub_size);
        const bool fatal = vector == k_nmi || vector == k_double_fault || vector == k_machine_check;
        g_gates[vector] = {.offset_low = static_cast<std::uint16_t>(target),
                           .selector = k_code_selector,
                           .stack = fatal ? k_fatal_stack : k_entry_stack,
                           .type = present_interrupt_gate,
                           .offset_middle = static_cast<std::uint16_t>(target >> 16),
                           .offset_high = static_cast<std::uint32_t>(target >> 32)};
    }
}

void set_system_call_registers() {
    constexpr std::uint32_t msr_star = 0xc0000081;
    constexpr std::uint32_t msr_lstar = 0xc0000082;
    constexpr std::uint32_t msr_sfmask = 0xc0000084;
    constexpr std::uint64_t cleared = 0x100 | 0x200 | 0x400 | 0x4000 | 0x40000; // TF IF DF NT AC
    write_msr(msr_star, static_cast<std::uint64_t>(k_code_selector) << 32);
    write_msr(msr_lstar, reinterpret_cast<std::uint64_t>(&unik_syscall_entry));
    write_msr(msr_sfmask, cleared);
}

} // namespace

void load_tables() {
    constexpr std::uint32_t msr_gs_base = 0xc0000101;
    g_task_state.interrupt_stack[k_entry_stack - 1] = address_of(unik_entry_stack_top);
    g_task_state.interrupt_stack[k_fatal_stack - 1] = address_of(unik_fatal_stack_top);
    fill_task_descriptor();
    fill_gates();
    load_descriptor_tables(TablePointer{sizeof(g_descriptors) - 1, address_of(g_descriptors)},
                           TablePointer{sizeof(g_gates) - 1, address_of(g_gates)}, k_task_selector);
    g_boot_cpu.self = &g_boot_cpu;
    write_msr(msr_gs_base, address_of(&g_boot_cpu));
    set_system_call_registers();
}

} // namespace os::arch
