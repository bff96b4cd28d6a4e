// futex_waitv: waiting for the first of several futexes to be woken.
#include <foundation/own.hpp>
#include <linux-signals/signals.hpp>
#include <memory/address_space.hpp>
#include <syscall/syscall.hpp>
#include <threads/wait_queue.hpp>

#include "futex.hpp"
#include "futex_call.hpp"

namespace os::linux {

namespace {

using namespace linux_threads;

struct WaitRecord { // struct futex_waitv
    std::uint64_t value;
    std::uint64_t address;
    std::uint32_t flags;
    std::uint32_t reserved;
};
static_assert(sizeof(WaitRecord) == 24);

constexpr std::uint32_t k_size_32 = 2; // FUTEX_32
constexpr std::uint32_t k_private = 128;
constexpr std::size_t k_most = 128; // FUTEX_WAITV_MAX

struct MemberWaiter : FutexWaiter {
    threads::WaitQueue* queue = nullptr;
};

// Too large for a stack. Leaves the table when it dies.
struct Members {
    threads::WaitQueue queue;
    std::size_t count = 0;
    MemberWaiter waiters[k_most];

    ~Members() {
        for (std::size_t i = 0; i < count; ++i)
            waiters[i].unlink();
    }
    Result<void> add(const WaitRecord& record);
    bool find_woken(std::size_t& index) const;
};

bool Members::find_woken(std::size_t& index) const {
    for (index = 0; index < count; ++index)
        if (waiters[index].woken)
            return true;
    return false;
}

Result<void> Members::add(const WaitRecord& record) {
    const auto word = UNIK_TRY(memory::AppSpan<std::uint32_t>::readable(record.address, 1));
    MemberWaiter& waiter = waiters[count];
    const bool own = (record.flags & k_private) != 0;
    waiter.key = futex_key(record.address, own ? FutexScope::address : FutexScope::object);
    waiter.queue = &queue;
    waiter.wake = [](FutexWaiter& woken) { static_cast<MemberWaiter&>(woken).queue->wake_one(); };
    // Between this look and the waiter in the table nothing can happen.
    if (__atomic_load_n(word.data(), __ATOMIC_SEQ_CST) != static_cast<std::uint32_t>(record.value))
        return Errno::eagain;
    g_futexes.add(waiter);
    ++count;
    return {};
}

Result<void> check(const WaitRecord& record) {
    const bool sound = (record.flags & ~k_private) == k_size_32 && record.reserved == 0 &&
                       record.address % sizeof(std::uint32_t) == 0;
    return sound ? Result<void>() : Errno::einval;
}

Result<Nanoseconds> deadline_of(std::uint64_t time_address, std::int32_t clock) {
    if (time_address != 0 && clock != 0 && clock != 1) // CLOCK_REALTIME, _MONOTONIC
        return Errno::einval;
    return futex_deadline(time_address, clock == 0 ? FutexClock::realtime : FutexClock::monotonic);
}

Result<std::size_t> wait_for_any(Members& members, Nanoseconds deadline) {
    std::size_t index = 0;
    while (!members.find_woken(index)) {
        const threads::WakeReason reason = members.queue.wait(deadline);
        if (members.find_woken(index))
            break;
        if (reason == threads::WakeReason::timed_out)
            return Errno::etimedout;
        if (reason == threads::WakeReason::interrupted && linux_signals::deliverable())
            return Errno::eintr;
    }
    return index;
}

Result<std::size_t> wait_for_several(std::uint64_t address, std::size_t count,
                                     Nanoseconds deadline) {
    const auto records = UNIK_TRY(memory::AppSpan<WaitRecord>::readable(address, count));
    for (const WaitRecord& record : records)
        UNIK_TRY(check(record));
    Own<Members> members = UNIK_TRY(try_make<Members>());
    for (const WaitRecord& record : records) {
        const Result<void> added = members->add(record);
        std::size_t woken = 0;
        if (!added.ok() && members->find_woken(woken))
            return woken;
        UNIK_TRY(added);
    }
    return wait_for_any(*members, deadline);
}

Result<std::size_t> wait(const SyscallArguments& arguments) {
    const auto count = arguments.as<std::uint32_t>(1);
    if (arguments.as<std::uint32_t>(2) != 0 || count == 0 || count > k_most ||
        arguments.value[0] == 0)
        return Errno::einval;
    const Nanoseconds deadline =
        UNIK_TRY(deadline_of(arguments.value[3], arguments.as<std::int32_t>(4)));
    return wait_for_several(arguments.value[0], count, deadline);
}

} // namespace

std::int64_t futex_waitv(SyscallArguments& arguments) {
    const Result<std::size_t> result = wait(arguments);
    const bool interrupted = !result.ok() && result.error() == Errno::eintr;
    return interrupted ? syscall::k_restart : reply(result);
}

} // namespace os::linux
