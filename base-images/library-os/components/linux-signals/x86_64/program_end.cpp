// The end of a program, and the crash report.
#include <linux-signals/program_end.hpp>

#include <arch/cpu.hpp>
#include <arch/registers.hpp>
#include <console/console.hpp>
#include <control/control.hpp>
#include <linux-signals/signals.hpp>
#include <memory/address_space.hpp>
#include <memory/frames.hpp>
#include <memory/report.hpp>

#include "backtrace.hpp"
#include "crash_hint.hpp"
#include "process.hpp"

namespace os::linux_signals {

namespace {

constinit std::uint64_t g_program_base = 0;
using Farewell = void (*)();
constinit Farewell g_farewell = nullptr;

constexpr int k_signal_exit_base = 128;
constexpr int k_out_of_memory_code = 137;
constexpr std::size_t k_most_frames = 16;

struct Registers {
    control::NamedValue values[arch::k_register_count];
};

Registers name_registers(const arch::TrapFrame& frame) {
    Registers registers{};
    control::NamedValue* value = registers.values;
    for (const arch::NamedRegister& named : arch::k_registers)
        *value++ = {named.name, frame.*named.value};
    return registers;
}

struct Report {
    const Task& task;
    const SignalInfo& info;
    const arch::TrapFrame& frame;
    const char* hint; // or null
    Registers registers;
    std::uint64_t backtrace[k_most_frames] = {};
    std::size_t backtrace_size = 0;

    bool fault() const { return info.code > 0 && *code_name(info) != '\0'; }
    bool has_address() const { return fault() && access_of(task.fault) != FaultAccess::none; }
};

void say_farewell() {
    const Farewell action = g_farewell;
    g_farewell = nullptr; // should it end in a fault, then not twice
    if (action == nullptr)
        return;
    arch::interrupts_on();
    action();
}

void send_event(const Report& report) {
    control::Event event("signal");
    event.number("signal", report.info.signal).text("name", signal_name(report.info.signal));
    event.text("thread", report.task.thread.name);
    if (report.hint != nullptr)
        event.text("hint", report.hint);
    if (report.fault())
        event.text("code", code_name(report.info));
    if (report.has_address()) {
        event.hex("address", report.info.fields[0]);
        event.text("access", access_name(access_of(report.task.fault)));
    }
    if (report.backtrace_size > 0) {
        event.hex("program_base", g_program_base);
        event.hex_object("registers", Span<const control::NamedValue>(report.registers.values));
        event.hex_list("backtrace",
                       Span<const std::uint64_t>(report.backtrace, report.backtrace_size));
    }
    event.send();
}

void print(const Report& report) {
    console::log("program ended by %s%s%s", signal_name(report.info.signal),
                 report.fault() ? ", " : "", report.fault() ? code_name(report.info) : "");
    if (report.has_address())
        console::log("  %s of 0x%lx at 0x%lx", access_name(access_of(report.task.fault)),
                     report.info.fields[0], report.frame.rip);
    if (report.hint != nullptr)
        console::log("  %s", report.hint);
    const control::NamedValue* values = report.registers.values;
    for (std::size_t i = 0; report.backtrace_size > 0 && i + 2 < arch::k_register_count; i += 3)
        console::log("  %6s %016lx  %6s %016lx  %6s %016lx", values[i].name, values[i].value,
                     values[i + 1].name, values[i + 1].value, values[i + 2].name,
                     values[i + 2].value);
    for (std::size_t i = 0; i < report.backtrace_size; ++i)
        console::log("  #%zu 0x%lx", i, report.backtrace[i]);
}

} // namespace

void set_program_base(std::uint64_t base) {
    g_program_base = base;
}

void set_farewell(void (*action)()) {
    g_farewell = action;
}

void end_program(int code) {
    say_farewell();
    control::exit(code & 0xff);
}

void end_by_signal(Task& task, const SignalInfo& info, const arch::TrapFrame& frame) {
    Report report{.task = task,
                  .info = info,
                  .frame = frame,
                  .hint = crash_hint(info, task.fault, frame),
                  .registers = name_registers(frame)};
    if (default_action(info.signal) == DefaultAction::end_with_report)
        report.backtrace_size = program_backtrace(frame, report.backtrace);
    send_event(report);
    if (!control::has_channel())
        print(report);
    say_farewell();
    control::exit(k_signal_exit_base + info.signal);
}

void end_out_of_memory(std::uint64_t address) {
    const std::size_t resident = memory::resident_pages();
    const std::uint64_t total = memory::frame_count().total;
    if (!control::has_channel())
        console::log("out of memory: the program holds %zu of the machine's %lu pages of 4 KiB; "
                     "give the machine more (resources.memory in the Unikfile)",
                     resident, total);
    control::Event event("out-of-memory");
    event.number("resident_pages", static_cast<std::int64_t>(resident))
        .number("total_pages", static_cast<std::int64_t>(total))
        .hex("address", address);
    memory::report(event);
    event.send();
    control::exit(k_out_of_memory_code);
}

void raise_fault(arch::TrapFrame& frame, const SignalInfo& info) {
    Task& task = current_task();
    const Action& action = action_of(info.signal);
    if (task.blocked.has(info.signal) || action.handler <= k_ignore_handler)
        end_by_signal(task, info, frame);
    // A standard signal is never refused.
    static_cast<void>(raise_for_task(task, info));
}

} // namespace os::linux_signals
