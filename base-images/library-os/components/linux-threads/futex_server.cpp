// futex(2) for programs with threads. Moving waiters to a lock with an owner
// (FUTEX_WAIT_REQUEUE_PI) is not offered; no C library uses it any more.
#include <linux-signals/signals.hpp>
#include <memory/address_space.hpp>
#include <memory/shared_object.hpp>
#include <syscall/syscall.hpp>
#include <threads/wait_queue.hpp>

#include "futex.hpp"
#include "futex_call.hpp"
#include "futex_owner.hpp"
#include "futex_table.hpp"
#include "futex_word.hpp"

namespace os::linux_threads {

constinit FutexTable g_futexes;

namespace {

struct SleepingWaiter : FutexWaiter {
    threads::WaitQueue queue;
};

void wake_sleeping(FutexWaiter& waiter) {
    static_cast<SleepingWaiter&>(waiter).queue.wake_one();
}

FutexKey key_of(const FutexCall& call, std::uint64_t address) {
    return futex_key(address, call.is_private ? FutexScope::address : FutexScope::object);
}

// Sleeps while the word holds the value.
Result<void> wait_on(const FutexCall& call, Nanoseconds deadline) {
    const Span<const std::uint32_t> word =
        UNIK_TRY(memory::AppSpan<std::uint32_t>::readable(call.address, 1));
    // A first touch may fault and block, so it comes before the waiter is in the table.
    if (__atomic_load_n(word.data(), __ATOMIC_SEQ_CST) != call.value)
        return Errno::eagain;
    SleepingWaiter waiter;
    waiter.key = key_of(call, call.address);
    waiter.bits = call.bits();
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
    const Result<void> result = wait_on(call, deadline.value());
    const bool interrupted = !result.ok() && result.error() == Errno::eintr;
    return interrupted ? interrupted_wait(call) : reply(result);
}

Result<void> check_address(std::uint64_t address) {
    return memory::check_program_range(VirtAddr{address}, sizeof(std::uint32_t),
                                       memory::Access::read);
}

Result<std::int64_t> wake_checked(const FutexCall& call, std::uint32_t bits) {
    UNIK_TRY(check_address(call.address));
    const FutexKey key = key_of(call, call.address);
    return static_cast<std::int64_t>(g_futexes.wake(key, call.value, bits));
}

std::int64_t wake(const FutexCall& call) {
    return reply(wake_checked(call, k_all_futex_bits));
}

std::int64_t wake_bits(const FutexCall& call) {
    if (call.third_value == 0)
        return reply(Result<void>(Errno::einval));
    return reply(wake_checked(call, call.third_value));
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
    const FutexKey from = key_of(call, call.address);
    const FutexKey to = key_of(call, call.second_address);
    const unsigned woken = g_futexes.wake(from, call.value, k_all_futex_bits);
    const unsigned moved = g_futexes.move(from, to, static_cast<std::uint32_t>(call.fourth));
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
    const FutexKey first = key_of(call, call.address);
    const FutexKey second = key_of(call, call.second_address);
    std::int64_t woken = g_futexes.wake(first, call.value, k_all_futex_bits);
    if (compares(operation, before))
        woken += g_futexes.wake(second, static_cast<std::uint32_t>(call.fourth), k_all_futex_bits);
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
    {FutexCommand::lock_owned, &lock_owned_futex},
    {FutexCommand::lock_owned_by_clock, &lock_owned_futex},
    {FutexCommand::try_lock_owned, &lock_owned_futex},
    {FutexCommand::unlock_owned, &unlock_owned_futex},
};

} // namespace

FutexKey futex_key(std::uint64_t address, FutexScope scope) {
    if (scope == FutexScope::object) {
        const memory::ObjectPlace place = memory::shared_object_at(VirtAddr{address});
        if (place.object != nullptr)
            return {place.object, place.offset};
    }
    return {.place = address};
}

unsigned wake_futex(std::uint64_t address, unsigned most) {
    return g_futexes.wake(futex_key(address, FutexScope::object), most, k_all_futex_bits);
}

std::int64_t serve_futex(const FutexCall& call) {
    for (const Command& command : k_commands)
        if (command.number == call.command)
            return command.serve(call);
    return reply(Result<void>(Errno::enosys));
}

} // namespace os::linux_threads
