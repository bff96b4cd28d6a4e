#include "futex_owner.hpp"

#include <linux-signals/signals.hpp>
#include <linux-signals/task.hpp>
#include <memory/address_space.hpp>
#include <syscall/syscall.hpp>
#include <threads/wait_queue.hpp>

#include "futex.hpp"

namespace os::linux_threads {

namespace {

struct OwnerWaiter : ListNode<> {
    FutexKey key;
    std::uint32_t* word = nullptr;
    std::uint32_t thread_id = 0;
    bool owns = false;
    threads::WaitQueue queue;
};

constinit List<OwnerWaiter> g_waiters; // in the order of arrival

std::uint32_t own_id() {
    return static_cast<std::uint32_t>(threads::current().id());
}

OwnerWaiter* first_waiter(const FutexKey& key) {
    for (OwnerWaiter* waiter = g_waiters.front(); waiter != nullptr;
         waiter = g_waiters.next(*waiter))
        if (waiter->key == key)
            return waiter;
    return nullptr;
}

Result<std::uint32_t*> word_at(std::uint64_t address) {
    return UNIK_TRY(memory::AppSpan<std::uint32_t>::writable(address, 1)).data();
}

bool exchange(std::uint32_t* word, std::uint32_t& before, std::uint32_t after) {
    return __atomic_compare_exchange_n(word, &before, after, false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_SEQ_CST);
}

enum class Taking { taken, owned_by_other };

// Takes a lock without an owner; notes on another's that somebody waits.
Result<Taking> take(std::uint32_t* word, const FutexKey& key) {
    std::uint32_t before = __atomic_load_n(word, __ATOMIC_SEQ_CST);
    for (;;) {
        const std::uint32_t owner = before & k_futex_owner;
        if (owner == own_id())
            return Errno::edeadlk;
        if (owner != 0) {
            if (linux_signals::find_task(static_cast<int>(owner)) == nullptr)
                return Errno::esrch;
            if (exchange(word, before, before | k_futex_has_waiters))
                return Taking::owned_by_other;
            continue;
        }
        const std::uint32_t waiters = first_waiter(key) != nullptr ? k_futex_has_waiters : 0;
        if (exchange(word, before, own_id() | (before & k_futex_owner_died) | waiters))
            return Taking::taken;
    }
}

// To the first of those who wait, who is there.
void hand_over(OwnerWaiter& waiter, std::uint32_t mark) {
    waiter.unlink();
    waiter.owns = true;
    __atomic_store_n(waiter.word, waiter.thread_id | k_futex_has_waiters | mark, __ATOMIC_SEQ_CST);
    waiter.queue.wake_one();
}

Result<void> wait_for(OwnerWaiter& waiter, Nanoseconds deadline) {
    g_waiters.push_back(waiter);
    while (!waiter.owns) {
        const threads::WakeReason reason = waiter.queue.wait(deadline);
        if (waiter.owns || reason == threads::WakeReason::woken)
            continue;
        if (reason == threads::WakeReason::interrupted && !linux_signals::deliverable())
            continue;
        waiter.unlink();
        return reason == threads::WakeReason::timed_out ? Errno::etimedout : Errno::eintr;
    }
    return {};
}

FutexKey key_of(const FutexCall& call) {
    return futex_key(call.address, call.is_private ? FutexScope::address : FutexScope::object);
}

// The older call knows one clock; an attempt does not wait.
Result<Nanoseconds> deadline_of(const FutexCall& call) {
    if (call.command == FutexCommand::try_lock_owned)
        return k_forever;
    const bool by_wall = call.command == FutexCommand::lock_owned || call.realtime;
    return futex_deadline(call.fourth, by_wall ? FutexClock::realtime : FutexClock::monotonic);
}

Result<void> lock(const FutexCall& call) {
    const Nanoseconds deadline = UNIK_TRY(deadline_of(call));
    OwnerWaiter waiter;
    waiter.word = UNIK_TRY(word_at(call.address));
    waiter.key = key_of(call);
    waiter.thread_id = own_id();
    if (UNIK_TRY(take(waiter.word, waiter.key)) == Taking::taken)
        return {};
    if (call.command == FutexCommand::try_lock_owned)
        return Errno::eagain;
    return wait_for(waiter, deadline);
}

Result<void> unlock(const FutexCall& call) {
    std::uint32_t* word = UNIK_TRY(word_at(call.address));
    if ((__atomic_load_n(word, __ATOMIC_SEQ_CST) & k_futex_owner) != own_id())
        return Errno::eperm;
    if (OwnerWaiter* waiter = first_waiter(key_of(call)))
        hand_over(*waiter, 0);
    else
        __atomic_store_n(word, 0, __ATOMIC_SEQ_CST);
    return {};
}

Result<void> lock_alone(const FutexCall& call) {
    UNIK_TRY(deadline_of(call));
    std::uint32_t& word = *UNIK_TRY(word_at(call.address));
    const std::uint32_t owner = word & k_futex_owner;
    if (owner != 0)
        return owner == own_id() ? Errno::edeadlk : Errno::esrch;
    word |= own_id();
    return {};
}

Result<void> unlock_alone(const FutexCall& call) {
    std::uint32_t& word = *UNIK_TRY(word_at(call.address));
    if ((word & k_futex_owner) != own_id())
        return Errno::eperm;
    word = 0;
    return {};
}

} // namespace

std::int64_t lock_owned_futex(const FutexCall& call) {
    const Result<void> result = lock(call);
    const bool interrupted = !result.ok() && result.error() == Errno::eintr;
    return interrupted ? syscall::k_restart_always : reply(result);
}

std::int64_t unlock_owned_futex(const FutexCall& call) {
    return reply(unlock(call));
}

std::int64_t serve_owned_alone(const FutexCall& call) {
    return reply(call.command == FutexCommand::unlock_owned ? unlock_alone(call)
                                                            : lock_alone(call));
}

void hand_over_owned_futexes(std::uint32_t ended_thread) {
    for (OwnerWaiter* waiter = g_waiters.front(); waiter != nullptr;) {
        const std::uint32_t value = __atomic_load_n(waiter->word, __ATOMIC_SEQ_CST);
        OwnerWaiter* first = first_waiter(waiter->key); // this one, or one before it
        waiter = g_waiters.next(*waiter);
        if ((value & k_futex_owner) == ended_thread && first != nullptr)
            hand_over(*first, k_futex_owner_died);
    }
}

} // namespace os::linux_threads
