// futex(2): its arguments, and all of it for a program of one thread.
#include <clock/clock.hpp>
#include <linux-signals/signals.hpp>
#include <memory/address_space.hpp>
#include <syscall/syscall.hpp>
#include <threads/wait_queue.hpp>

#include "futex_call.hpp"
#include "futex_owner.hpp"

namespace os::linux_threads {

namespace {

struct Timespec {
    std::int64_t seconds;
    std::int64_t nanoseconds;
};

Result<Nanoseconds> time_at(std::uint64_t address) {
    constexpr std::int64_t k_second = 1'000'000'000;
    const Timespec time = UNIK_TRY(memory::AppSpan<Timespec>::readable(address, 1))[0];
    if (time.seconds < 0 || time.nanoseconds < 0 || time.nanoseconds >= k_second)
        return Errno::einval;
    if (time.seconds > INT64_MAX / k_second / 2)
        return Nanoseconds{INT64_MAX / 2};
    return Nanoseconds{time.seconds * k_second + time.nanoseconds};
}

// Nobody can wake the only thread: it waits for its deadline, or for a signal.
Result<void> wait_alone(const FutexCall& call) {
    const Nanoseconds deadline = UNIK_TRY(call.deadline());
    const auto word = UNIK_TRY(memory::AppSpan<std::uint32_t>::readable(call.address, 1));
    if (__atomic_load_n(word.data(), __ATOMIC_SEQ_CST) != call.value)
        return Errno::eagain;
    threads::WaitQueue nobody;
    for (;;) {
        const threads::WakeReason reason = nobody.wait(deadline);
        if (reason == threads::WakeReason::timed_out)
            return Errno::etimedout;
        if (linux_signals::deliverable())
            return Errno::eintr;
    }
}

std::int64_t serve_alone(const FutexCall& call) {
    switch (call.command) {
    case FutexCommand::wait:
    case FutexCommand::wait_bits: {
        const Result<void> result = wait_alone(call);
        const bool interrupted = !result.ok() && result.error() == Errno::eintr;
        return interrupted ? interrupted_wait(call) : reply(result);
    }
    case FutexCommand::wake:
    case FutexCommand::wake_bits:
        if (call.command == FutexCommand::wake_bits && call.third_value == 0)
            return reply(Result<void>(Errno::einval));
        return reply(memory::check_program_range(VirtAddr{call.address}, sizeof(std::uint32_t),
                                                 memory::Access::read));
    case FutexCommand::lock_owned:
    case FutexCommand::unlock_owned:
    case FutexCommand::try_lock_owned:
    case FutexCommand::lock_owned_by_clock: return serve_owned_alone(call);
    default: return reply(Result<void>(Errno::enosys));
    }
}

// Only these know more than the monotonic clock.
bool takes_clock(FutexCommand command) {
    return command == FutexCommand::wait_bits || command == FutexCommand::lock_owned_by_clock;
}

constinit FutexServer g_server = &serve_alone;

} // namespace

Result<Nanoseconds> futex_deadline(std::uint64_t time_address, FutexClock clock) {
    if (time_address == 0)
        return k_forever;
    const Nanoseconds time = UNIK_TRY(time_at(time_address));
    return clock == FutexClock::realtime ? time - clock::realtime() + clock::monotonic() : time;
}

Result<Nanoseconds> FutexCall::deadline() const {
    if (command == FutexCommand::wait_bits && third_value == 0)
        return Errno::einval;
    const Nanoseconds deadline =
        UNIK_TRY(futex_deadline(fourth, realtime ? FutexClock::realtime : FutexClock::monotonic));
    const bool relative = command == FutexCommand::wait && fourth != 0;
    return relative ? clock::monotonic() + deadline : deadline;
}

std::int64_t interrupted_wait(const FutexCall& call) {
    return call.fourth == 0 ? syscall::k_restart : syscall::k_restart_or_eintr;
}

void set_futex_server(FutexServer server) {
    g_server = server;
}

} // namespace os::linux_threads

namespace os::linux {

std::int64_t futex(SyscallArguments& arguments) {
    constexpr std::uint32_t k_realtime = 256; // FUTEX_CLOCK_REALTIME
    constexpr std::uint32_t k_private = 128;  // FUTEX_PRIVATE_FLAG
    const auto operation = arguments.as<std::uint32_t>(1);
    const linux_threads::FutexCall call{
        .command = static_cast<linux_threads::FutexCommand>(operation & ~(k_private | k_realtime)),
        .address = arguments.value[0],
        .value = arguments.as<std::uint32_t>(2),
        .fourth = arguments.value[3],
        .second_address = arguments.value[4],
        .third_value = arguments.as<std::uint32_t>(5),
        .realtime = (operation & k_realtime) != 0,
        .is_private = (operation & k_private) != 0};
    if (call.realtime && !linux_threads::takes_clock(call.command))
        return reply(Result<void>(Errno::enosys));
    if (call.address % sizeof(std::uint32_t) != 0)
        return reply(Result<void>(Errno::einval));
    return linux_threads::g_server(call);
}

} // namespace os::linux
