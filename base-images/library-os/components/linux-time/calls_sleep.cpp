// Sleeping.
#include <clock/clock.hpp>
#include <linux-signals/signals.hpp>
#include <memory/address_space.hpp>
#include <syscall/syscall.hpp>
#include <threads/wait_queue.hpp>

#include "clocks.hpp"

namespace os::linux {

namespace {

using namespace linux_time;

// Until the clock shows the deadline; eintr when a signal is to be handled first.
Result<void> sleep_on(int clock, Nanoseconds deadline) {
    threads::WaitQueue nobody;
    for (;;) {
        const Nanoseconds time = UNIK_TRY(now(clock));
        if (time >= deadline)
            return {};
        const auto reason = nobody.wait(when_to_look(clock, time, deadline));
        if (reason == threads::WakeReason::interrupted && linux_signals::deliverable())
            return Errno::eintr;
    }
}

struct SleepRequest {
    int clock = k_clock_monotonic;
    bool absolute = false;
    std::uint64_t time_address = 0;
    std::uint64_t left_address = 0; // 0: nobody asks
};

Result<void> store_time_left(const SleepRequest& request, Nanoseconds deadline) {
    if (request.absolute || request.left_address == 0)
        return {};
    const Nanoseconds time = UNIK_TRY(now(request.clock));
    const Nanoseconds left = deadline > time ? deadline - time : Nanoseconds{};
    UNIK_TRY(memory::AppSpan<Timespec>::writable(request.left_address, 1))[0] = timespec_of(left);
    return {};
}

Result<void> sleep(const SleepRequest& request) {
    const Nanoseconds time = UNIK_TRY(now(request.clock));
    if (only_tells_time(request.clock) || request.clock == k_clock_thread_cpu)
        return Errno::eopnotsupp; // the latter would never end
    const Timespec wanted =
        UNIK_TRY(memory::AppSpan<Timespec>::readable(request.time_address, 1))[0];
    const Nanoseconds span = UNIK_TRY(nanoseconds_of(wanted));
    const Nanoseconds deadline = request.absolute ? span : time + span;
    const Result<void> result = sleep_on(request.clock, deadline);
    if (!result.ok() && result.error() == Errno::eintr)
        UNIK_TRY(store_time_left(request, deadline));
    return result;
}

std::int64_t reply_to_sleep(const SleepRequest& request) {
    const Result<void> result = sleep(request);
    if (!result.ok() && result.error() == Errno::eintr)
        return syscall::k_restart_or_eintr;
    return reply(result);
}

} // namespace

std::int64_t nanosleep(SyscallArguments& arguments) {
    return reply_to_sleep({.time_address = arguments.value[0], .left_address = arguments.value[1]});
}

std::int64_t clock_nanosleep(SyscallArguments& arguments) {
    constexpr std::uint64_t k_absolute = 1; // TIMER_ABSTIME
    return reply_to_sleep({.clock = arguments.as<int>(0),
                           .absolute = (arguments.value[1] & k_absolute) != 0,
                           .time_address = arguments.value[2],
                           .left_address = arguments.value[3]});
}

} // namespace os::linux
