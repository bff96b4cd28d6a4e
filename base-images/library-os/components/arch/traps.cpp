// From the entry paths in traps.S to the handlers.
#include <arch/traps.hpp>

#include <arch/cpu.hpp>
#include <arch/per_cpu.hpp>
#include <foundation/panic.hpp>

namespace os::arch {
namespace {

constexpr unsigned k_page_fault = 14;

constinit TrapHandler g_handlers[k_trap_vectors] = {};
constinit TrapHandler g_syscall_handler = nullptr;
constinit TrapHandler g_return_handler = nullptr;
constinit const TrapFrame* g_panic_frame = nullptr;

constexpr const char* k_names[] = {
    "divide error",        "debug exception",  "NMI",
    "breakpoint",          "overflow",         "bound range exceeded",
    "invalid instruction", "no FPU",           "double fault",
    "exception 9",         "invalid TSS",      "segment not present",
    "stack fault",         "protection fault", "page fault",
    "exception 15",        "x87 error",        "alignment check",
    "machine check",       "SIMD error",       "virtualization exception",
    "control protection",
};

void return_to_program(TrapFrame& frame) {
    if (frame.from_program() && g_return_handler != nullptr)
        g_return_handler(frame);
}

} // namespace

void set_trap_handler(unsigned vector, TrapHandler handler) {
    UNIK_ASSERT(vector < k_trap_vectors);
    g_handlers[vector] = handler;
}

void set_syscall_handler(TrapHandler handler) {
    g_syscall_handler = handler;
}

void set_return_handler(TrapHandler handler) {
    g_return_handler = handler;
}

const char* exception_name(unsigned vector) {
    constexpr unsigned count = sizeof(k_names) / sizeof(k_names[0]);
    return vector < count ? k_names[vector] : "exception";
}

const TrapFrame* panic_frame() {
    return g_panic_frame;
}

void panic_on_trap(const TrapFrame& frame) {
    g_panic_frame = &frame;
    const auto vector = static_cast<unsigned>(frame.vector);
    const char* whose = frame.from_program() ? "program" : "kernel";
    if (vector != k_page_fault)
        panic("%s in the %s at 0x%lx (error code 0x%lx)", exception_name(vector), whose, frame.rip,
              frame.error_code);
    constexpr std::uint64_t write = 2;
    constexpr std::uint64_t fetch = 16;
    const char* access = (frame.error_code & fetch) != 0   ? "executing"
                         : (frame.error_code & write) != 0 ? "writing"
                                                           : "reading";
    panic("page fault in the %s at 0x%lx, %s 0x%lx", whose, frame.rip, access, read_cr2());
}

} // namespace os::arch

extern "C" {

void unik_trap(os::arch::TrapFrame& frame) {
    using namespace os::arch;
    const TrapHandler handler = g_handlers[frame.vector % k_trap_vectors];
    if (frame.vector >= k_first_interrupt_vector) {
        if (handler != nullptr)
            handler(frame);
    } else {
        if (handler == nullptr)
            panic_on_trap(frame);
        if ((frame.rflags & k_interrupt_flag) != 0)
            interrupts_on();
        handler(frame);
        interrupts_off();
    }
    return_to_program(frame);
}

void unik_syscall(os::arch::TrapFrame& frame) {
    using namespace os::arch;
    interrupts_on();
    if (g_syscall_handler != nullptr)
        g_syscall_handler(frame);
    interrupts_off();
    return_to_program(frame);
}

[[noreturn]] void unik_fatal_trap(os::arch::TrapFrame& frame) {
    os::arch::panic_on_trap(frame);
}

[[noreturn]] void unik_kernel_stack_overflow(os::arch::TrapFrame& frame) {
    os::arch::PerCpu& cpu = os::arch::per_cpu();
    frame.rip = cpu.moving;
    cpu.moving = 0;
    os::arch::g_panic_frame = &frame;
    os::panic("the kernel stack is used up at 0x%lx", frame.rip);
}

} // extern "C"
