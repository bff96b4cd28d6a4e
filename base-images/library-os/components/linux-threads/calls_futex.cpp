// futex(2). Priority inheritance is not offered: C libraries fall back, or report ENOTSUP.
#include <clock/clock.hpp>
#include <linux-signals/signals.hpp>
#include <memory/address_space.hpp>
#include <syscall/syscall.hpp>
#include <threads/wait_queue.hpp>

#include "futex.hpp"
#include "futex_table.hpp"
#include "futex_word.hpp"

namespace os::linux_threads {

namespace {

constinit FutexTable g_futexes;

struct SleepingWaiter : FutexWaiter {
    threads::WaitQueue queue;
};

void wake_sleeping(FutexWaiter& waiter) {
    static_cast<SleepingWaiter&>(waiter).queue.wake_one();
}

// Sleeps while the word holds this value.
Result<void> wait_on(std::uint64_t address, std::uint32_t value, std::uint32_t bits,
                     Nanoseconds deadline) {
    const Span<const std::uint32_t> word =
        UNIK_TRY(memory::AppSpan<std::uint32_t>::readable(address, 1));
    // A first touch may fault and block, so it comes before the waiter is in the table.
    if (__atomic_load_n(word.data(), __ATOMIC_SEQ_CST) != value)
        return Errno::eagain;
    SleepingWaiter waiter;
    waiter.address = address;
    waiter.bits = bits;
    waiter.wake = &wake_sleeping;
    g_futexes.add(waiter);
    while (!waiter.woken) {
        const threads::WakeReason reason = waiter.queue.wait(deadline);
        if (waiter.woken || reason == threads::WakeReason::woken)
            continue;
        if (reason == threads::WakeReason::interrupted && !linux_signals::deliverable())
            continue;
        waiter.unlink();
        return reason == threads::WakeReason::timed_out ? Errno::etimedout : Errno::eintr;
    }
    return {};
}

} // namespace

unsigned wake_futex(std::uint64_t address, unsigned most) {
    return g_futexes.wake(address, most, ~std::uint32_t{0});
}

} // namespace os::linux_threads

namespace os::linux {

namespace {

using namespace linux_threads;

constexpr std::uint32_t k_clock_realtime = 256; // FUTEX_CLOCK_REALTIME
constexpr std::uint32_t k_private = 128;        // FUTEX_PRIVATE_FLAG
constexpr std::int64_t k_second = 1'000'000'000;
constexpr std::uint32_t k_all_bits = ~std::uint32_t{0};

struct Timespec {
    std::int64_t seconds;
    std::int64_t nanoseconds;
};

Result<Nanoseconds> time_at(std::uint64_t address) {
    const Timespec time = UNIK_TRY(memory::AppSpan<Timespec>::readable(address, 1))[0];
    if (time.seconds < 0 || time.nanoseconds < 0 || time.nanoseconds >= k_second)
        return Errno::einval;
    if (time.seconds > INT64_MAX / k_second / 2)
        return Nanoseconds{INT64_MAX / 2};
    return Nanoseconds{time.seconds * k_second + time.nanoseconds};
}

struct FutexCall {
    std::uint64_t address;
    std::uint32_t value;
    std::uint64_t fourth; // a timeout's address, or a count
    std::uint64_t second_address;
    std::uint32_t third_value;
    bool realtime;
};

std::int64_t wait_until(const FutexCall& call, std::uint32_t bits, Nanoseconds deadline) {
    const Result<void> result = wait_on(call.address, call.value, bits, deadline);
    if (!result.ok() && result.error() == Errno::eintr)
        return call.fourth == 0 ? syscall::k_restart : syscall::k_restart_or_eintr;
    return reply(result);
}

// A relative timeout.
std::int64_t wait(const FutexCall& call) {
    if (call.fourth == 0)
        return wait_until(call, k_all_bits, k_forever);
    const Result<Nanoseconds> timeout = time_at(call.fourth);
    if (!timeout.ok())
        return reply(Result<void>(timeout.error()));
    return wait_until(call, k_all_bits, clock::monotonic() + timeout.value());
}

// An absolute one.
std::int64_t wait_bits(const FutexCall& call) {
    if (call.third_value == 0)
        return reply(Result<void>(Errno::einval));
    if (call.fourth == 0)
        return wait_until(call, call.third_value, k_forever);
    const Result<Nanoseconds> time = time_at(call.fourth);
    if (!time.ok())
        return reply(Result<void>(time.error()));
    const Nanoseconds deadline =
        call.realtime ? time.value() - clock::realtime() + clock::monotonic() : time.value();
    return wait_until(call, call.third_value, deadline);
}

Result<void> check_address(std::uint64_t address) {
    return memory::check_program_range(VirtAddr{address}, sizeof(std::uint32_t),
                                       memory::Access::read);
}

Result<std::int64_t> wake_checked(std::uint64_t address, std::uint32_t most, std::uint32_t bits) {
    UNIK_TRY(check_address(address));
    return static_cast<std::int64_t>(g_futexes.wake(address, most, bits));
}

std::int64_t wake(const FutexCall& call) {
    return reply(wake_checked(call.address, call.value, k_all_bits));
}

std::int64_t wake_bits(const FutexCall& call) {
    if (call.third_value == 0)
        return reply(Result<void>(Errno::einval));
    return reply(wake_checked(call.address, call.value, call.third_value));
}

enum class Compare { no, yes };

Result<std::int64_t> requeue_checked(const FutexCall& call, Compare compare) {
    if (static_cast<std::int32_t>(call.value) < 0 || static_cast<std::int32_t>(call.fourth) < 0)
        return Errno::einval;
    const Span<const std::uint32_t> word =
        UNIK_TRY(memory::AppSpan<std::uint32_t>::readable(call.address, 1));
    UNIK_TRY(check_address(call.second_address));
    if (compare == Compare::yes &&
        __atomic_load_n(word.data(), __ATOMIC_SEQ_CST) != call.third_value)
        return Errno::eagain;
    const unsigned woken = g_futexes.wake(call.address, call.value, k_all_bits);
    const unsigned moved =
        g_futexes.move(call.address, call.second_address, static_cast<std::uint32_t>(call.fourth));
    return static_cast<std::int64_t>(woken) + moved;
}

std::int64_t requeue(const FutexCall& call) {
    return reply(requeue_checked(call, Compare::no));
}

std::int64_t compare_requeue(const FutexCall& call) {
    return reply(requeue_checked(call, Compare::yes));
}

Result<std::int64_t> wake_operation_checked(const FutexCall& call) {
    const WakeOperation operation = decode_wake_operation(call.third_value);
    if (!known(operation))
        return Errno::enosys;
    UNIK_TRY(check_address(call.address));
    const Span<std::uint32_t> word =
        UNIK_TRY(memory::AppSpan<std::uint32_t>::writable(call.second_address, 1));
    const std::uint32_t before = change_word(operation, word.data());
    std::int64_t woken = g_futexes.wake(call.address, call.value, k_all_bits);
    if (compares(operation, before))
        woken += g_futexes.wake(call.second_address, static_cast<std::uint32_t>(call.fourth),
                                k_all_bits);
    return woken;
}

std::int64_t wake_operation(const FutexCall& call) {
    return reply(wake_operation_checked(call));
}

using Command = std::int64_t (*)(const FutexCall&);
// By FUTEX_* number; null: not offered.
constexpr Command k_commands[] = {
    &wait,   &wake,   nullptr, &requeue,   &compare_requeue, &wake_operation,
    nullptr, nullptr, nullptr, &wait_bits, &wake_bits,
};
constexpr std::size_t k_command_count = sizeof(k_commands) / sizeof(k_commands[0]);

} // namespace

std::int64_t futex(SyscallArguments& arguments) {
    const auto operation = arguments.as<std::uint32_t>(1);
    const std::uint32_t command = operation & ~(k_private | k_clock_realtime);
    const FutexCall call{.address = arguments.value[0],
                         .value = arguments.as<std::uint32_t>(2),
                         .fourth = arguments.value[3],
                         .second_address = arguments.value[4],
                         .third_value = arguments.as<std::uint32_t>(5),
                         .realtime = (operation & k_clock_realtime) != 0};
    if (command >= k_command_count || k_commands[command] == nullptr)
        return reply(Result<void>(Errno::enosys));
    if (call.address % sizeof(std::uint32_t) != 0)
        return reply(Result<void>(Errno::einval));
    return k_commands[command](call);
}

} // namespace os::linux
