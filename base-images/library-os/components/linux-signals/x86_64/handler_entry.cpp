// Builds the frame of a signal handler on the program's stack, and takes it down again.
#include <arch/context.hpp>
#include <arch/cpu.hpp>
#include <foundation/types.hpp>
#include <linux-signals/program_end.hpp>
#include <linux-signals/signals.hpp>
#include <memory/address_space.hpp>
#include <syscall/syscall.hpp>

#include "delivery.hpp"
#include "frame_layout.hpp"

namespace os::linux_signals {

namespace {

constexpr std::uint64_t k_red_zone = 128; // System V ABI for x86-64, 3.2.2

// The state components that XSAVE keeps, from XCR0; those of FXSAVE without it.
std::uint64_t fpu_features() {
    return arch::fpu_state_size() > k_legacy_size ? arch::fpu_features() : 0;
}

// Makes every page of the range present, so that what follows can run with interrupts off.
Result<void> touch(std::uint64_t address, std::size_t size, memory::Access access) {
    UNIK_TRY(memory::check_program_range(VirtAddr{address}, size, access));
    for (std::uint64_t page = align_down(address, k_page_size); page < address + size;
         page += k_page_size) {
        volatile std::uint8_t* byte = VirtAddr{page < address ? address : page}.as<std::uint8_t>();
        const std::uint8_t value = *byte;
        if (access == memory::Access::write)
            *byte = value;
    }
    return {};
}

std::uint64_t stack_for(const Task& task, const arch::TrapFrame& frame, const Action& action) {
    const AlternateStack& alternate = task.alternate_stack;
    const bool switches = (action.flags & k_on_stack) != 0 && alternate.size != 0 &&
                          (alternate.disarms || !alternate.holds(frame.rsp));
    return switches ? alternate.start + alternate.size : frame.rsp - k_red_zone;
}

StackDescription describe(const AlternateStack& stack) {
    return {.start = stack.start,
            .flags =
                (stack.size == 0 ? k_stack_disabled : 0) | (stack.disarms ? k_stack_disarms : 0),
            .size = stack.size};
}

void fill_context(UserContext& context, const Task& task, const arch::TrapFrame& frame,
                  std::uint64_t fpu_state) {
    context.flags =
        (fpu_features() != 0 ? k_context_has_xstate : 0) | k_context_saves_ss | k_context_strict_ss;
    context.link = 0;
    context.stack = describe(task.alternate_stack);
    store_registers(context.registers, frame);
    context.registers.vector = task.fault.vector;
    context.registers.error_code = task.fault.error_code;
    context.registers.fault_address = task.fault.address;
    context.registers.fpu_state = fpu_state;
    context.mask = task.has_saved_mask ? task.saved_mask : task.blocked;
    context.registers.old_mask = context.mask.bits;
}

void save_fpu(Task& task, std::uint64_t address) {
    const std::size_t size = arch::fpu_state_size();
    arch::InterruptGuard guard;
    void* state = task.thread.context().fpu;
    arch::fpu_save(state);
    auto* out = VirtAddr{address}.as<std::uint8_t>();
    __builtin_memcpy(out, state, size);
    mark_fpu_state(out, size, fpu_features());
    // A handler starts with a fresh state, whatever modes and exceptions the program was in.
    arch::fpu_initialise(state);
    arch::fpu_restore(state);
}

Result<void> restore_fpu(Task& task, std::uint64_t address) {
    const std::size_t size = arch::fpu_state_size();
    auto* state = static_cast<std::uint8_t*>(task.thread.context().fpu);
    if (address == 0) {
        arch::InterruptGuard guard;
        arch::fpu_initialise(state);
        arch::fpu_restore(state);
        return {};
    }
    if (address % 64 != 0)
        return Errno::efault;
    UNIK_TRY(touch(address, size, memory::Access::read));
    arch::InterruptGuard guard;
    __builtin_memcpy(state, VirtAddr{address}.as<std::uint8_t>(), size);
    repair_fpu_state(state, size, fpu_features());
    arch::fpu_restore(state);
    return {};
}

void set_alternate_stack(Task& task, const StackDescription& stack) {
    const bool disabled = (stack.flags & k_stack_disabled) != 0;
    task.alternate_stack = {.start = disabled ? 0 : stack.start,
                            .size = disabled ? 0 : stack.size,
                            .disarms = (stack.flags & k_stack_disarms) != 0};
}

} // namespace

Result<void> enter_handler(Task& task, arch::TrapFrame& frame, const SignalInfo& info,
                           const Action& action) {
    if ((action.flags & k_has_restorer) == 0)
        return Errno::efault;
    const AlternateStack& alternate = task.alternate_stack;
    const std::uint64_t top = stack_for(task, frame, action);
    const FramePlace place = place_frame(top, arch::fpu_state_size());
    const bool on_alternate =
        alternate.holds(top) && (top != frame.rsp - k_red_zone || !alternate.disarms);
    if (on_alternate && !alternate.holds(place.frame))
        return Errno::efault;
    UNIK_TRY(touch(place.frame, place.end - place.frame, memory::Access::write));
    save_fpu(task, place.fpu_state);
    auto& out = *VirtAddr{place.frame}.as<SignalFrame>();
    out.return_address = action.restorer;
    fill_context(out.context, task, frame, place.fpu_state);
    out.info = info;
    __builtin_memset(out.rest_of_info, 0, sizeof(out.rest_of_info));
    if (task.alternate_stack.disarms)
        task.alternate_stack = {};
    frame.rdi = static_cast<std::uint64_t>(info.signal);
    frame.rsi = place.frame + offsetof(SignalFrame, info);
    frame.rdx = place.frame + offsetof(SignalFrame, context);
    frame.rax = 0;
    frame.rsp = place.frame;
    frame.rip = action.handler;
    frame.rflags &= ~k_flags_off_in_handler;
    return {};
}

} // namespace os::linux_signals

namespace os::linux {

// The restorer's call: the return address has been popped.
std::int64_t rt_sigreturn(SyscallArguments& arguments) {
    using namespace linux_signals;
    Task& task = current_task();
    arch::TrapFrame& frame = *arguments.frame;
    const std::uint64_t address = frame.rsp - sizeof(SignalFrame::return_address);
    const bool readable =
        memory::check_program_range(VirtAddr{address}, sizeof(SignalFrame), memory::Access::read)
            .ok();
    if (!readable)
        end_by_signal(task, SignalInfo::fault(k_sigsegv, k_segv_unmapped, address), frame);
    const UserContext context = VirtAddr{address}.as<SignalFrame>()->context;
    if (!restore_fpu(task, context.registers.fpu_state).ok())
        end_by_signal(task,
                      SignalInfo::fault(k_sigsegv, k_segv_unmapped, context.registers.fpu_state),
                      frame);
    set_blocked(task, context.mask);
    set_alternate_stack(task, context.stack);
    load_registers(frame, context.registers);
    frame.vector = k_no_vector;
    return static_cast<std::int64_t>(frame.rax);
}

} // namespace os::linux
