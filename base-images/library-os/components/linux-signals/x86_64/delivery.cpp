// On the way back to the program: takes what is pending and acts on it.
#include "delivery.hpp"

#include <arch/cpu.hpp>
#include <linux-signals/program_end.hpp>
#include <linux-signals/signals.hpp>
#include <memory/stand_in.hpp>
#include <syscall/syscall.hpp>

#include "process.hpp"

namespace os::linux_signals {

namespace {

constinit HandlerEntry g_enter_handler = nullptr;

constexpr std::uint64_t k_syscall_instruction_size = 2;

bool wants_restart(const arch::TrapFrame& frame) {
    const auto result = static_cast<std::int64_t>(frame.rax);
    return frame.vector == arch::k_syscall_vector &&
           (result == syscall::k_restart || result == syscall::k_restart_always ||
            result == syscall::k_restart_or_eintr);
}

void restart_call(arch::TrapFrame& frame) {
    frame.rax = frame.error_code;
    frame.rip -= k_syscall_instruction_size;
    frame.vector = k_no_vector;
}

// What an interrupted call looks like to the handler and after it.
void settle_call(arch::TrapFrame& frame, const Action& action) {
    if (!wants_restart(frame))
        return;
    const auto result = static_cast<std::int64_t>(frame.rax);
    const bool again = result == syscall::k_restart_always ||
                       (result == syscall::k_restart && (action.flags & k_restart_calls) != 0);
    if (again)
        restart_call(frame);
    else
        frame.rax = static_cast<std::uint64_t>(-static_cast<std::int64_t>(Errno::eintr));
}

// See memory/stand_in.hpp.
void settle_lost_access(Task& task, arch::TrapFrame& frame) {
    task.lost_access = false;
    memory::end_stand_ins();
    if (frame.vector == arch::k_syscall_vector)
        frame.rax = static_cast<std::uint64_t>(-static_cast<std::int64_t>(Errno::efault));
}

bool take(Task& task, SignalInfo& info, Action& action) {
    LockGuard guard(process().lock);
    if (!take_next(task, {~task.blocked.bits}, info))
        return false;
    Action& current = action_of(info.signal);
    action = current;
    if ((action.flags & k_reset_handler) != 0 && action.handler > k_ignore_handler)
        current.handler = k_default_handler;
    return true;
}

// The stack has no room for the handler's frame: SIGSEGV, whose handler may have one of its own.
void report_no_room(Task& task, const arch::TrapFrame& frame, int signal) {
    task.fault = {};
    const SignalInfo info = SignalInfo::of_kernel(k_sigsegv);
    if (signal == k_sigsegv || task.blocked.has(k_sigsegv) || task.lost_access ||
        action_of(k_sigsegv).handler <= k_ignore_handler)
        end_by_signal(task, info, frame);
    // A standard signal is never refused.
    static_cast<void>(raise_for_task(task, info));
}

// True when the frame now enters a handler.
bool act(Task& task, arch::TrapFrame& frame, const SignalInfo& info, const Action& action) {
    if (without_effect(action, info.signal))
        return false;
    if (action.handler == k_default_handler || g_enter_handler == nullptr)
        end_by_signal(task, info, frame);
    settle_call(frame, action);
    if (!g_enter_handler(task, frame, info, action).ok() || task.lost_access) {
        report_no_room(task, frame, info.signal);
        return false;
    }
    frame.vector = k_no_vector;
    task.has_saved_mask = false;
    SignalSet blocked = task.blocked | action.mask;
    if ((action.flags & k_leave_unblocked) == 0)
        blocked.add(info.signal);
    set_blocked(task, blocked);
    return true;
}

} // namespace

void set_handler_entry(HandlerEntry entry) {
    g_enter_handler = entry;
}

void act_on_signals(arch::TrapFrame& frame) {
    Task* task = task_of(threads::current());
    if (task == nullptr)
        return;
    while (task->attention) {
        task->attention = false;
        if (task->lost_access)
            settle_lost_access(*task, frame);
        task->thread.clear_interrupt();
        bool handled = false;
        SignalInfo info;
        Action action;
        while (take(*task, info, action))
            handled |= act(*task, frame, info, action);
        if (!handled)
            end_masked_wait();
    }
    if (wants_restart(frame)) [[unlikely]]
        restart_call(frame);
}

} // namespace os::linux_signals
