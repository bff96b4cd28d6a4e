// Sending: where a signal is kept, and which thread acts on it.
#include <linux-signals/signals.hpp>

#include <control/control.hpp>
#include <foundation/immortal.hpp>
#include <linux-signals/task.hpp>

#include "process.hpp"

namespace os::linux_signals {

namespace {

constinit Immortal<Process> g_process;
constinit Action g_actions[k_signal_count];
using ArrivalHook = void (*)();
constinit ArrivalHook g_arrival_hook = nullptr;

void notify(Task& task) {
    task.attention = true;
    task.thread.interrupt();
}

bool takes(const Task& task, int signal) {
    return !task.blocked.has(signal) || task.waiting_for.has(signal);
}

// Of the threads that do not block the signal: the first thread, or any; else one that waits for
// it in rt_sigtimedwait. The program does not go on after sending itself a signal that ends it.
Task* receiver(int signal) {
    Task* best = task_of(threads::current());
    if (best != nullptr && !best->blocked.has(signal) &&
        action_of(signal).handler == k_default_handler)
        return best;
    best = nullptr;
    for_each_task([&](Task& task) {
        if (!takes(task, signal))
            return;
        const bool better = best == nullptr || best->blocked.has(signal) ||
                            (task.thread.id() == 1 && !task.blocked.has(signal));
        if (better)
            best = &task;
    });
    return best;
}

// A signal that stops a process finds nobody who could continue it here.
bool dropped(int signal) {
    const Action& action = action_of(signal);
    if (!without_effect(action, signal))
        return false;
    if (action.handler == k_default_handler && default_action(signal) == DefaultAction::stop)
        control::warn("stop-signal",
                      "the program sent itself %s, which would stop it for ever; "
                      "the signal is ignored",
                      signal_name(signal));
    return true;
}

} // namespace

Action& action_of(int signal) {
    return g_actions[signal - 1];
}

Process& process() {
    return *g_process;
}

Result<void> raise_for_process(const SignalInfo& info) {
    LockGuard guard(g_process->lock);
    Task* task = receiver(info.signal);
    if (task != nullptr && !task->waiting_for.has(info.signal) && dropped(info.signal))
        return {};
    UNIK_TRY(g_process->pending.add(info));
    if (task != nullptr)
        notify(*task);
    if (g_arrival_hook != nullptr)
        g_arrival_hook();
    return {};
}

Result<void> raise_for_task(Task& task, const SignalInfo& info) {
    LockGuard guard(g_process->lock);
    if (!task.blocked.has(info.signal) && dropped(info.signal))
        return {};
    UNIK_TRY(task.pending.add(info));
    if (takes(task, info.signal))
        notify(task);
    if (g_arrival_hook != nullptr)
        g_arrival_hook();
    return {};
}

void raise_for_current(int signal) {
    // Standard signals are never refused.
    static_cast<void>(raise_for_task(current_task(), SignalInfo::sent(signal, k_code_user)));
}

SignalInfo* pending_of_timer(Task* task, int timer_id) {
    return (task == nullptr ? g_process->pending : task->pending).of_timer(timer_id);
}

void set_arrival_hook(void (*hook)()) {
    g_arrival_hook = hook;
}

bool deliverable() {
    const Task& task = current_task();
    return !(task.pending.set() | g_process->pending.set()).without(task.blocked).empty();
}

bool take_next(Task& task, SignalSet wanted, SignalInfo& out) {
    return task.pending.take(wanted, out) || g_process->pending.take(wanted, out);
}

SignalSet pending_for_current() {
    return current_task().pending.set() | g_process->pending.set();
}

bool take_for_current(SignalSet wanted, SignalInfo& out) {
    LockGuard guard(g_process->lock);
    return take_next(current_task(), wanted, out);
}

void set_blocked(Task& task, SignalSet blocked) {
    LockGuard guard(g_process->lock);
    const SignalSet newly = blocked.without(task.blocked) & g_process->pending.set();
    task.blocked = blocked.without(k_unblockable);
    if (!(task.pending.set() | g_process->pending.set()).without(task.blocked).empty())
        notify(task);
    for (SignalSet left = newly; !left.empty(); left.remove(left.lowest()))
        if (Task* other = receiver(left.lowest()); other != nullptr)
            notify(*other);
}

void begin_masked_wait(SignalSet mask) {
    Task& task = current_task();
    task.saved_mask = task.blocked;
    task.has_saved_mask = true;
    task.attention = true;
    set_blocked(task, mask);
}

void end_masked_wait() {
    Task& task = current_task();
    if (!task.has_saved_mask)
        return;
    task.has_saved_mask = false;
    set_blocked(task, task.saved_mask);
}

} // namespace os::linux_signals
