#include <arch/cpu.hpp>
#include <clock/clock.hpp>

#include "cpu_state.hpp"

namespace os::threads {
namespace {

// How long work that schedules itself again leaves the CPU to the program.
constexpr Nanoseconds k_next_round{50'000};

void call(void (*action)(void*), void* argument) {
    arch::interrupts_on();
    action(argument);
    arch::interrupts_off();
}

Nanoseconds earlier(Nanoseconds a, Nanoseconds b) {
    return a < b ? a : b;
}

} // namespace

void SafePoint::run_work(CpuState& cpu) {
    // The list's last member now is where this round ends.
    const Deferred* last = cpu.deferred.back();
    for (bool more = last != nullptr; more;) {
        Deferred* work = cpu.deferred.pop_front();
        if (work == nullptr)
            return;
        more = work != last;
        call(work->action_, work->argument_);
    }
}

void SafePoint::run_timers(CpuState& cpu) {
    const Nanoseconds now = clock::monotonic();
    while (Timer* timer = cpu.timers.take_due(now))
        call(timer->action_, timer->argument_);
}

void SafePoint::run(CpuState& cpu) {
    constexpr std::uint32_t k_actions = k_pending_work | k_pending_timers;
    if ((cpu.pending & k_actions) == 0 || cpu.in_action)
        return;
    const std::uint32_t due = cpu.pending;
    cpu.pending &= ~k_actions;
    cpu.in_action = true;
    if ((due & k_pending_timers) != 0)
        run_timers(cpu);
    if ((due & k_pending_work) != 0)
        run_work(cpu);
    cpu.in_action = false;
    set_alarm(cpu);
}

void SafePoint::set_alarm(CpuState& cpu) {
    const Nanoseconds timer =
        (cpu.pending & k_pending_timers) != 0 ? k_forever : cpu.timers.first_deadline();
    Nanoseconds wanted = earlier(timer, cpu.slice_end);
    const bool work_left = (cpu.pending & k_pending_work) != 0;
    if (!work_left && wanted >= cpu.alarm)
        return;
    const Nanoseconds now = clock::monotonic();
    if (timer <= now)
        cpu.pending |= k_pending_timers;
    if (work_left)
        wanted = earlier(wanted, now + k_next_round);
    if (wanted >= cpu.alarm)
        return;
    cpu.alarm = wanted;
    clock::set_alarm(wanted);
}

void SafePoint::on_alarm() {
    CpuState& cpu = this_cpu();
    cpu.alarm = k_forever;
    const Nanoseconds now = clock::monotonic();
    if (cpu.timers.first_deadline() <= now)
        cpu.pending |= k_pending_timers;
    if (cpu.slice_end <= now) {
        cpu.slice_end = k_forever;
        cpu.pending |= k_pending_preempt;
    }
    const Nanoseconds timer =
        (cpu.pending & k_pending_timers) != 0 ? k_forever : cpu.timers.first_deadline();
    cpu.alarm = earlier(timer, cpu.slice_end);
    clock::set_alarm(cpu.alarm);
}

void Timer::set(Nanoseconds deadline) {
    const arch::InterruptGuard guard;
    CpuState& cpu = this_cpu();
    cpu.timers.set(*this, deadline);
    if (deadline < cpu.alarm)
        SafePoint::set_alarm(cpu);
}

void Timer::cancel() {
    const arch::InterruptGuard guard;
    this_cpu().timers.cancel(*this);
}

void Deferred::schedule() {
    const arch::InterruptGuard guard;
    CpuState& cpu = this_cpu();
    if (linked())
        return;
    cpu.deferred.push_back(*this);
    cpu.pending |= k_pending_work;
}

void Deferred::cancel() {
    const arch::InterruptGuard guard;
    unlink();
}

void run_deferred() {
    const arch::InterruptGuard guard;
    SafePoint::run(this_cpu());
}

} // namespace os::threads
