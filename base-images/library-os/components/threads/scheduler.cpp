// Switching between threads.
//
// A thread leaves the CPU in switch_away(), after it has put itself where it belongs: into the run
// queue, into a wait queue, or among the dead. If nobody is runnable, the CPU idles right there, on
// the stack of the thread that is leaving, and runs what interrupts ask for; a thread that is woken
// while it idles just returns. That makes the usual case of a server, one thread that waits for the
// network, cost no switch at all. A dead thread may idle too: its stack is freed only by the next
// thread that runs.
#include "scheduler.hpp"

#include <utility>

#include <arch/cpu.hpp>
#include <clock/clock.hpp>
#include <memory/stand_in.hpp>

namespace os::threads {

constinit CpuState g_cpu;
constinit ReturnHook g_return_hook = nullptr;

namespace {

constexpr Nanoseconds k_slice{10'000'000};
// What a thread that has long run alone still gets when another becomes runnable.
constexpr Nanoseconds k_least_slice{1'000'000};

} // namespace

void Scheduler::begin_slice(CpuState& cpu, Thread& thread, Nanoseconds now) {
    thread.state_ = Thread::State::running;
    thread.slice_start_ = now;
    cpu.pending &= ~k_pending_preempt;
    cpu.slice_end = cpu.runnable.empty() ? k_forever : now + k_slice;
    if (cpu.slice_end < cpu.alarm)
        SafePoint::set_alarm(cpu);
}

void Scheduler::make_ready(Thread& thread) {
    UNIK_ASSERT(thread.state_ == Thread::State::blocked);
    CpuState& cpu = this_cpu();
    thread.state_ = Thread::State::runnable;
    cpu.runnable.push_back(thread);
    const Thread& running = running_thread();
    if (running.state_ != Thread::State::running || cpu.slice_end != k_forever ||
        (cpu.pending & k_pending_preempt) != 0)
        return;
    const Nanoseconds least = clock::monotonic() + k_least_slice;
    const Nanoseconds full = running.slice_start_ + k_slice;
    cpu.slice_end = full < least ? least : full;
    if (cpu.slice_end < cpu.alarm)
        SafePoint::set_alarm(cpu);
}

Thread& Scheduler::wait_for_runnable(CpuState& cpu) {
    const Nanoseconds start = clock::monotonic();
    for (;;) {
        SafePoint::run(cpu);
        if (Thread* next = cpu.runnable.pop_front()) {
            cpu.idle_time = cpu.idle_time + (clock::monotonic() - start);
            return *next;
        }
        if (cpu.pending == 0) {
            arch::interrupts_on_and_wait();
            arch::interrupts_off();
        }
        cpu.pending &= ~k_pending_preempt;
    }
}

void Scheduler::switch_away() {
    CpuState& cpu = this_cpu();
    Thread& self = running_thread();
    UNIK_ASSERT(!cpu.in_action);
    Nanoseconds now = clock::monotonic();
    self.cpu_time_ = self.cpu_time_ + (now - self.slice_start_);
    Thread* next = cpu.runnable.pop_front();
    if (next == nullptr) {
        next = &wait_for_runnable(cpu);
        now = clock::monotonic();
    }
    begin_slice(cpu, *next, now);
    if (next == &self)
        return;
    memory::end_stand_ins();
    arch::per_cpu().thread = next;
    arch::context_switch(self.context_, next->context_);
    free_dead(cpu);
}

void Scheduler::give_way() {
    CpuState& cpu = this_cpu();
    if (cpu.runnable.empty())
        return;
    Thread& self = running_thread();
    self.state_ = Thread::State::runnable;
    cpu.runnable.push_back(self);
    switch_away();
}

WakeReason Scheduler::wait(List<Waiter>& queue, Nanoseconds deadline, Interruptible interruptible) {
    Thread& self = running_thread();
    if (interruptible == Interruptible::yes && self.interrupt_pending_) {
        self.interrupt_pending_ = false;
        return WakeReason::interrupted;
    }
    Waiter waiter;
    waiter.thread = &self;
    waiter.interruptible = interruptible;
    self.waiter_ = &waiter;
    queue.push_back(waiter);
    Timer timer(
        [](void* argument) { wake(*static_cast<Waiter*>(argument), WakeReason::timed_out); },
        &waiter);
    if (deadline != k_forever)
        timer.set(deadline);
    // What is pending may be just what is waited for: it finds the waiter in the queue already.
    SafePoint::run(this_cpu());
    if (!waiter.done) {
        self.state_ = Thread::State::blocked;
        switch_away();
    }
    return waiter.reason;
}

void Scheduler::wake(Waiter& waiter, WakeReason reason) {
    const arch::InterruptGuard guard;
    if (waiter.done)
        return;
    waiter.done = true;
    waiter.reason = reason;
    waiter.unlink();
    Thread& thread = *waiter.thread;
    thread.waiter_ = nullptr;
    if (thread.state_ == Thread::State::blocked)
        make_ready(thread);
}

void Scheduler::interrupt(Thread& thread) {
    Waiter* waiter = thread.waiter_;
    if (waiter != nullptr && waiter->interruptible == Interruptible::yes)
        wake(*waiter, WakeReason::interrupted);
    else
        thread.interrupt_pending_ = true;
}

Nanoseconds Scheduler::cpu_time(const Thread& thread) {
    if (thread.state_ != Thread::State::running)
        return thread.cpu_time_;
    return thread.cpu_time_ + (clock::monotonic() - thread.slice_start_);
}

void Scheduler::return_to_program(arch::TrapFrame& frame) {
    CpuState& cpu = this_cpu();
    if (cpu.pending != 0) [[unlikely]] {
        SafePoint::run(cpu);
        if ((cpu.pending & k_pending_preempt) != 0) {
            cpu.pending &= ~k_pending_preempt;
            give_way();
        }
    }
    if (g_return_hook != nullptr)
        g_return_hook(frame);
}

} // namespace os::threads
