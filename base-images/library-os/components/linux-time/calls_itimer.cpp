// The three timers that every process has, and alarm.
#include <foundation/immortal.hpp>
#include <linux-signals/signals.hpp>
#include <memory/address_space.hpp>
#include <syscall/syscall.hpp>

#include "clocks.hpp"
#include "interval_timer.hpp"

namespace os::linux {

namespace {

using namespace linux_time;

template <int signal>
void raise(IntervalTimer&, std::int64_t) {
    // Standard signals are never refused.
    static_cast<void>(
        linux_signals::raise_for_process(linux_signals::SignalInfo::of_kernel(signal)));
}

constinit Immortal<IntervalTimer> g_real(k_clock_monotonic, &raise<linux_signals::k_sigalrm>);
constinit Immortal<IntervalTimer> g_virtual(k_clock_process_cpu,
                                            &raise<linux_signals::k_sigvtalrm>);
constinit Immortal<IntervalTimer> g_profiling(k_clock_process_cpu,
                                              &raise<linux_signals::k_sigprof>);

Result<IntervalTimer*> timer_of(int which) {
    switch (which) {
    case 0: return &*g_real;      // ITIMER_REAL
    case 1: return &*g_virtual;   // ITIMER_VIRTUAL
    case 2: return &*g_profiling; // ITIMER_PROF
    default: return Errno::einval;
    }
}

struct IntervalValue { // struct itimerval
    Timeval interval;
    Timeval value;
};

// Microseconds are rounded up, so that a running timer does not look stopped.
IntervalValue value_of(const TimerSetting& setting) {
    return {timeval_of(setting.interval), timeval_of(setting.left + Nanoseconds{999})};
}

Result<void> start(IntervalTimer& timer, Nanoseconds span, Nanoseconds interval) {
    if (span.value == 0)
        timer.stop();
    else
        timer.set(UNIK_TRY(now(timer.clock())) + span, interval);
    return {};
}

Result<void> store_setting(int which, std::uint64_t address) {
    const IntervalTimer* timer = UNIK_TRY(timer_of(which));
    UNIK_TRY(memory::AppSpan<IntervalValue>::writable(address, 1))[0] = value_of(timer->setting());
    return {};
}

Result<void> change_setting(int which, std::uint64_t new_address, std::uint64_t old_address) {
    IntervalTimer* timer = UNIK_TRY(timer_of(which));
    IntervalValue wanted;
    if (new_address != 0)
        wanted = UNIK_TRY(memory::AppSpan<IntervalValue>::readable(new_address, 1))[0];
    const Nanoseconds span = UNIK_TRY(nanoseconds_of(wanted.value));
    const Nanoseconds interval = UNIK_TRY(nanoseconds_of(wanted.interval));
    if (old_address != 0)
        UNIK_TRY(store_setting(which, old_address));
    return start(*timer, span, interval);
}

// Rounded to the nearest second, but not to none.
std::int64_t whole_seconds(Nanoseconds left) {
    if (left.value == 0)
        return 0;
    const std::int64_t rounded = (left.value + k_second / 2) / k_second;
    return rounded == 0 ? 1 : rounded;
}

} // namespace

std::int64_t getitimer(SyscallArguments& arguments) {
    return reply(store_setting(arguments.as<int>(0), arguments.value[1]));
}

std::int64_t setitimer(SyscallArguments& arguments) {
    return reply(change_setting(arguments.as<int>(0), arguments.value[1], arguments.value[2]));
}

std::int64_t alarm(SyscallArguments& arguments) {
    const std::int64_t before = whole_seconds(g_real->setting().left);
    const Nanoseconds span{arguments.as<std::uint32_t>(0) * k_second};
    const Result<void> started = start(*g_real, span, {});
    return started.ok() ? before : reply(started);
}

} // namespace os::linux
