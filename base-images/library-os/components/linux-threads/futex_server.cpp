// futex(2) for programs with threads. Priority inheritance is not offered: C libraries fall back,
// or report ENOTSUP.
#include <linux-signals/signals.hpp>
#include <memory/address_space.hpp>
#include <syscall/syscall.hpp>
#include <threads/wait_queue.hpp>

#include "futex.hpp"
#include "futex_call.hpp"
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

std::int64_t wait(const FutexCall& call) {
    const Result<Nanoseconds> deadline = call.deadline();
    if (!deadline.ok())
        return reply(Result<void>(deadline.error()));
    const Result<void> result = wait_on(call.address, call.value, call.bits(), deadline.value());
    const bool interrupted = !result.ok() && result.error() == Errno::eintr;
    return interrupted ? interrupted_wait(call) : reply(result);
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
    return reply(wake_checked(call.address, call.value, k_all_futex_bits));
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
    const unsigned woken = g_futexes.wake(call.address, call.value, k_all_futex_bits);
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
    std::int64_t woken = g_futexes.wake(call.address, call.value, k_all_futex_bits);
    if (compares(operation, before))
        woken += g_futexes.wake(call.second_address, static_cast<std::uint32_t>(call.fourth),
                                k_all_futex_bits);
    return woken;
}

std::int64_t wake_operation(const FutexCall& call) {
    return reply(wake_operation_checked(call));
}

struct Command {
    FutexCommand number;
    FutexServer serve;
};
constexpr Command k_commands[] = {
    {FutexCommand::wait, &wait},
    {FutexCommand::wake, &wake},
    {FutexCommand::requeue, &requeue},
    {FutexCommand::compare_requeue, &compare_requeue},
    {FutexCommand::wake_operation, &wake_operation},
    {FutexCommand::wait_bits, &wait},
    {FutexCommand::wake_bits, &wake_bits},
};

} // namespace

unsigned wake_futex(std::uint64_t address, unsigned most) {
    return g_futexes.wake(address, most, k_all_futex_bits);
}

std::int64_t serve_futex(const FutexCall& call) {
    for (const Command& command : k_commands)
        if (command.number == call.command)
            return command.serve(call);
    return reply(Result<void>(Errno::enosys));
}

} // namespace os::linux_threads
