#include "panic_report.hpp"

#include <arch/backtrace.hpp>
#include <arch/cpu.hpp>
#include <arch/registers.hpp>
#include <arch/traps.hpp>
#include <console/console.hpp>
#include <control/control.hpp>
#include <power/power.hpp>
#include <uart16550/uart16550.hpp>

namespace os::kernel {
namespace {

constexpr int k_panic_exit_code = 255;
constexpr std::size_t k_most_callers = 24; // with all registers they fit into one event

struct Registers {
    static constexpr std::size_t k_count = arch::k_register_count + 1;
    control::NamedValue values[k_count];
};

Registers registers_of(const arch::TrapFrame& frame) {
    Registers registers{};
    control::NamedValue* value = registers.values;
    for (const arch::NamedRegister& named : arch::k_registers)
        *value++ = {named.name, frame.*named.value};
    *value = {"cr2", arch::read_cr2()};
    return registers;
}

void print(const char* message, const Registers* registers, Span<const std::uint64_t> callers) {
    console::log("panic: %s", message);
    constexpr std::size_t per_line = 3;
    for (std::size_t i = 0; registers != nullptr && i < Registers::k_count; i += per_line) {
        const auto value = [&](std::size_t index) {
            constexpr control::NamedValue none{"", 0};
            return index < Registers::k_count ? registers->values[index] : none;
        };
        console::log("  %-6s %016lx  %-6s %016lx  %-6s %016lx", value(i).name, value(i).value,
                     value(i + 1).name, value(i + 1).value, value(i + 2).name, value(i + 2).value);
    }
    for (std::size_t i = 0; i < callers.size(); ++i)
        console::log("  #%-2zu 0x%lx", i, callers[i]);
}

void report(const char* message) {
    const arch::TrapFrame* frame = arch::panic_frame();
    std::uint64_t callers[k_most_callers];
    const std::size_t count = frame != nullptr
                                  ? arch::backtrace(frame->rip, frame->rbp, callers)
                                  : arch::backtrace(reinterpret_cast<std::uint64_t>(&report_panic),
                                                    arch::read_frame_pointer(), callers);
    const Span<const std::uint64_t> backtrace(callers, count);
    Registers registers{};
    if (frame != nullptr)
        registers = registers_of(*frame);
    print(message, frame != nullptr ? &registers : nullptr, backtrace);
    control::Event event("panic");
    event.text("message", message);
    if (frame != nullptr)
        event.hex_object("registers", Span<const control::NamedValue>(registers.values));
    event.hex_list("backtrace", backtrace);
    event.send();
}

// Panics that have come so far: the report itself may run into what is broken.
constinit unsigned g_panics = 0;

} // namespace

void report_panic(const char* message) {
    arch::interrupts_off();
    ++g_panics;
    if (g_panics == 1) {
        uart16550::initialise();
        uart16550::write_without_lock();
        report(message);
    } else if (g_panics == 2) {
        console::log("panic: %s, while a panic was reported", message);
        control::Event("panic").text("message", message).send();
    } else {
        arch::triple_fault();
    }
    uart16550::flush();
    power::off(k_panic_exit_code);
}

} // namespace os::kernel
