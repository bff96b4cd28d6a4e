// timer_create and its kin: any number of timers, each with a signal of its own.
#include <foundation/immortal.hpp>
#include <foundation/own.hpp>
#include <foundation/vector.hpp>
#include <linux-signals/signals.hpp>
#include <linux-signals/task.hpp>
#include <memory/address_space.hpp>
#include <syscall/syscall.hpp>

#include "clocks.hpp"
#include "interval_timer.hpp"

namespace os::linux {

namespace {

using namespace linux_time;
using linux_signals::SignalInfo;

enum class Notify : std::int32_t { signal = 0, none = 1, thread = 2, thread_id = 4 }; // SIGEV_*

struct EventRequest { // struct sigevent
    std::uint64_t value = 0;
    std::int32_t signal = linux_signals::k_sigalrm;
    Notify notify = Notify::signal;
    std::int32_t thread_id = 0;
    std::int32_t rest[11] = {};
};
static_assert(sizeof(EventRequest) == 64);

struct TimerValue { // struct itimerspec
    Timespec interval;
    Timespec value;
};

struct ProgramTimer : IntervalTimer {
    ProgramTimer(int clock, const EventRequest& event_, int id_)
        : IntervalTimer(clock, &notify), event(event_), id(id_) {}
    static void notify(IntervalTimer& timer, std::int64_t count);

    EventRequest event;
    int id;
    std::int64_t overrun = 0;
};

constexpr std::size_t k_most_timers = 4096;
constexpr std::int64_t k_most_overruns = INT32_MAX; // DELAYTIMER_MAX

constinit Immortal<Vector<Own<ProgramTimer>>> g_timers; // by id; null: free

// While its signal is pending the timer does not send another, but counts.
void ProgramTimer::notify(IntervalTimer& timer, std::int64_t count) {
    auto& self = static_cast<ProgramTimer&>(timer);
    const bool to_thread = self.event.notify == Notify::thread_id;
    linux_signals::Task* task =
        to_thread ? linux_signals::find_task(self.event.thread_id) : nullptr;
    if (self.event.notify == Notify::none || (to_thread && task == nullptr))
        return;
    SignalInfo* pending = linux_signals::pending_of_timer(task, self.id);
    const std::int64_t overrun = pending != nullptr ? self.overrun + count : count - 1;
    self.overrun = overrun < k_most_overruns ? overrun : k_most_overruns;
    const SignalInfo info = SignalInfo::timer(self.event.signal, self.id,
                                              static_cast<int>(self.overrun), self.event.value);
    // A full queue loses the signal, as it would lose any other.
    if (pending != nullptr)
        *pending = info;
    else if (task != nullptr)
        static_cast<void>(linux_signals::raise_for_task(*task, info));
    else
        static_cast<void>(linux_signals::raise_for_process(info));
}

Result<ProgramTimer*> timer_of(std::int32_t id) {
    if (id < 0 || static_cast<std::size_t>(id) >= g_timers->size() ||
        !(*g_timers)[static_cast<std::size_t>(id)])
        return Errno::einval;
    return (*g_timers)[static_cast<std::size_t>(id)].get();
}

Result<std::size_t> free_slot() {
    for (std::size_t i = 0; i < g_timers->size(); ++i)
        if (!(*g_timers)[i])
            return i;
    if (g_timers->size() == k_most_timers)
        return Errno::eagain;
    UNIK_TRY(g_timers->push({}));
    return g_timers->size() - 1;
}

Result<EventRequest> event_request(std::uint64_t address, int id) {
    if (address == 0)
        return EventRequest{.value = static_cast<std::uint64_t>(id)};
    const EventRequest event = UNIK_TRY(memory::AppSpan<EventRequest>::readable(address, 1))[0];
    switch (event.notify) {
    case Notify::none: return event;
    case Notify::thread_id:
        if (linux_signals::find_task(event.thread_id) == nullptr)
            return Errno::einval;
        break;
    case Notify::signal:
    case Notify::thread: break;
    default: return Errno::einval;
    }
    return linux_signals::valid_signal(event.signal) ? Result<EventRequest>(event) : Errno::einval;
}

Result<void> create(int clock, std::uint64_t event_address, std::uint64_t id_address) {
    UNIK_TRY(now(clock));
    if (only_tells_time(clock))
        return Errno::eopnotsupp;
    if (clock == k_clock_thread_cpu)
        clock = cpu_clock_of(threads::current().id());
    const Span<std::int32_t> out = UNIK_TRY(memory::AppSpan<std::int32_t>::writable(id_address, 1));
    const std::size_t slot = UNIK_TRY(free_slot());
    const int id = static_cast<int>(slot);
    const EventRequest event = UNIK_TRY(event_request(event_address, id));
    (*g_timers)[slot] = UNIK_TRY(try_make<ProgramTimer>(clock, event, id));
    out[0] = id;
    return {};
}

TimerValue value_of(const TimerSetting& setting) {
    return {timespec_of(setting.interval), timespec_of(setting.left)};
}

Result<void> store_setting(std::int32_t id, std::uint64_t address) {
    const ProgramTimer* timer = UNIK_TRY(timer_of(id));
    UNIK_TRY(memory::AppSpan<TimerValue>::writable(address, 1))[0] = value_of(timer->setting());
    return {};
}

Result<void> set(std::int32_t id, bool absolute, std::uint64_t new_address,
                 std::uint64_t old_address) {
    ProgramTimer* timer = UNIK_TRY(timer_of(id));
    const TimerValue wanted = UNIK_TRY(memory::AppSpan<TimerValue>::readable(new_address, 1))[0];
    const Nanoseconds value = UNIK_TRY(nanoseconds_of(wanted.value));
    const Nanoseconds interval = UNIK_TRY(nanoseconds_of(wanted.interval));
    if (old_address != 0)
        UNIK_TRY(store_setting(id, old_address));
    timer->overrun = 0;
    if (value.value == 0)
        timer->stop();
    else
        timer->set(absolute ? value : UNIK_TRY(now(timer->clock())) + value, interval);
    return {};
}

Result<std::int64_t> overrun_of(std::int32_t id) {
    return UNIK_TRY(timer_of(id))->overrun;
}

Result<void> remove(std::int32_t id) {
    UNIK_TRY(timer_of(id));
    (*g_timers)[static_cast<std::size_t>(id)].reset(nullptr);
    return {};
}

} // namespace

std::int64_t timer_create(SyscallArguments& arguments) {
    return reply(create(arguments.as<int>(0), arguments.value[1], arguments.value[2]));
}

std::int64_t timer_settime(SyscallArguments& arguments) {
    constexpr std::uint64_t k_absolute = 1; // TIMER_ABSTIME
    return reply(set(arguments.as<std::int32_t>(0), (arguments.value[1] & k_absolute) != 0,
                     arguments.value[2], arguments.value[3]));
}

std::int64_t timer_gettime(SyscallArguments& arguments) {
    return reply(store_setting(arguments.as<std::int32_t>(0), arguments.value[1]));
}

std::int64_t timer_getoverrun(SyscallArguments& arguments) {
    return reply(overrun_of(arguments.as<std::int32_t>(0)));
}

std::int64_t timer_delete(SyscallArguments& arguments) {
    return reply(remove(arguments.as<std::int32_t>(0)));
}

} // namespace os::linux
