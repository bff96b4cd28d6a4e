#include "exceptions.hpp"

#include <arch/cpu.hpp>
#include <arch/paging.hpp>
#include <arch/traps.hpp>
#include <linux-signals/program_end.hpp>
#include <linux-signals/signal_info.hpp>
#include <memory/address_space.hpp>
#include <memory/stand_in.hpp>

namespace os::linux_process {

namespace {

using namespace linux_signals;

struct ExceptionSignal {
    unsigned vector;
    int signal;
    int code;
};

constexpr unsigned k_x87_error = 16;
constexpr unsigned k_sse_error = 19;

// Intel SDM volume 3, table 6-1; the signals are those that Linux sends.
constexpr ExceptionSignal k_signals[] = {
    {0, k_sigfpe, k_fpe_integer_division}, // #DE
    {1, k_sigtrap, k_trap_trace},          // #DB
    {3, k_sigtrap, k_code_kernel},         // #BP
    {4, k_sigsegv, k_code_kernel},         // #OF
    {5, k_sigsegv, k_code_kernel},         // #BR
    {6, k_sigill, k_ill_operand},          // #UD
    {11, k_sigbus, k_code_kernel},         // #NP
    {12, k_sigbus, k_code_kernel},         // #SS
    {13, k_sigsegv, k_code_kernel},        // #GP
    {k_x87_error, k_sigfpe, 0},            // #MF
    {17, k_sigbus, k_bus_alignment},       // #AC
    {k_sse_error, k_sigfpe, 0},            // #XM
};
constexpr unsigned k_page_fault = 14;

// The exceptions that are there and not masked: six bits each in MXCSR, the masks above the flags
// (Intel SDM volume 1, 10.2.3), and alike in the two words of x87 (8.1.3, 8.1.5).
int floating_point_code(std::uint64_t vector) {
    constexpr unsigned k_mask_shift = 7;
    const std::uint32_t sse = arch::sse_status();
    const std::uint32_t raised = vector == k_sse_error
                                     ? sse & ~(sse >> k_mask_shift)
                                     : arch::x87_status() & ~std::uint32_t{arch::x87_control()};
    constexpr struct {
        std::uint32_t bits;
        int code;
    } k_codes[] = {{1, k_fpe_invalid},
                   {4, k_fpe_division},
                   {8, k_fpe_overflow},
                   {2 | 16, k_fpe_underflow}, // also a denormal operand
                   {32, k_fpe_inexact}};
    for (const auto& entry : k_codes)
        if ((raised & entry.bits) != 0)
            return entry.code;
    return 0;
}

void note_fault(const arch::TrapFrame& frame, std::uint64_t address) {
    current_task().fault = {
        .vector = frame.vector, .error_code = frame.error_code, .address = address};
}

void on_exception(arch::TrapFrame& frame) {
    if (!frame.from_program())
        arch::panic_on_trap(frame);
    for (const ExceptionSignal& entry : k_signals) {
        if (entry.vector != frame.vector)
            continue;
        note_fault(frame, 0);
        // What Linux tells as the address: the instruction, except for the general ones.
        const std::uint64_t address = entry.code == k_code_kernel ? 0 : frame.rip;
        const int code = entry.code != 0 ? entry.code : floating_point_code(frame.vector);
        raise_fault(frame, SignalInfo::fault(entry.signal, code, address));
    }
}

memory::Access access_of_error(std::uint64_t error_code) {
    constexpr std::uint64_t k_write = 2; // Intel SDM volume 3, 4.7
    constexpr std::uint64_t k_fetch = 16;
    if ((error_code & k_fetch) != 0)
        return memory::Access::execute;
    return (error_code & k_write) != 0 ? memory::Access::write : memory::Access::read;
}

// Pagers may block, and take their time: interrupts are on meanwhile, whoever faulted.
memory::FaultOutcome resolve(std::uint64_t address, memory::Access access) {
    const std::uint64_t flags = arch::read_flags();
    arch::interrupts_on();
    const memory::FaultOutcome outcome = memory::resolve_fault(VirtAddr{address}, access);
    if ((flags & arch::k_interrupt_flag) == 0)
        arch::interrupts_off();
    return outcome;
}

SignalInfo info_for(memory::FaultOutcome outcome, std::uint64_t address) {
    switch (outcome) {
    case memory::FaultOutcome::forbidden:
        return SignalInfo::fault(k_sigsegv, k_segv_forbidden, address);
    case memory::FaultOutcome::pager_failed:
        return SignalInfo::fault(k_sigbus, k_bus_missing, address);
    default: return SignalInfo::fault(k_sigsegv, k_segv_unmapped, address);
    }
}

// The kernel goes on with a page that stands in, see memory/stand_in.hpp, and the call fails.
void lose_access(const arch::TrapFrame& frame, std::uint64_t address) {
    Task* task = task_of(threads::current());
    if (task == nullptr || address < arch::k_program_bottom ||
        access_of_error(frame.error_code) == memory::Access::execute)
        arch::panic_on_trap(frame);
    if (!memory::stand_in(VirtAddr{address}).ok())
        end_out_of_memory(address);
    task->lost_access = true;
    task->attention = true;
}

void on_page_fault(arch::TrapFrame& frame) {
    const std::uint64_t address = arch::read_cr2();
    const bool of_program = address < arch::k_program_top;
    if (!of_program && !frame.from_program())
        arch::panic_on_trap(frame);
    const memory::FaultOutcome outcome = of_program
                                             ? resolve(address, access_of_error(frame.error_code))
                                             : memory::FaultOutcome::unmapped;
    if (outcome == memory::FaultOutcome::resolved)
        return;
    if (outcome == memory::FaultOutcome::out_of_memory)
        end_out_of_memory(address);
    if (!frame.from_program()) {
        lose_access(frame, address);
        return;
    }
    note_fault(frame, address);
    // To a handler the program looks like one outside the kernel.
    constexpr std::uint64_t k_by_program = 4;
    current_task().fault.error_code |= k_by_program;
    raise_fault(frame, info_for(outcome, address));
}

} // namespace

void install_exception_handlers() {
    for (const ExceptionSignal& entry : k_signals)
        arch::set_trap_handler(entry.vector, &on_exception);
    arch::set_trap_handler(k_page_fault, &on_page_fault);
}

} // namespace os::linux_process
