// Locks. Kernel code is not preempted: a thread gives up its CPU only where it blocks or on the way
// back to the program. What remains to be kept apart is interrupt context and other CPUs; SpinLock
// does both: it holds interrupts off and spins. Each lock has a rank, and a lock may be taken only
// while all that are held have lower ranks; builds with UNIK_DEBUG check it.
#pragma once

#include <cstdint>
#include <utility>

namespace os {

enum class LockRank : std::uint8_t {
    process = 10,
    files = 20,
    network = 30,
    address_space = 40,
    scheduler = 50,
    timers = 60,
    heap = 70,
    frames = 80,
    devices = 90,
    console = 100,
};

class SpinLock {
public:
    constexpr explicit SpinLock(LockRank rank) : rank_(rank) {}
    SpinLock(const SpinLock&) = delete;
    SpinLock& operator=(const SpinLock&) = delete;
    // Returns the interrupt flag from before, for unlock.
    std::uint64_t lock();
    void unlock(std::uint64_t interrupt_flag);

private:
    std::uint32_t held_ = 0;
    LockRank rank_;
};

class LockGuard {
public:
    explicit LockGuard(SpinLock& lock) : lock_(lock), flag_(lock.lock()) {}
    LockGuard(const LockGuard&) = delete;
    LockGuard& operator=(const LockGuard&) = delete;
    ~LockGuard() { lock_.unlock(flag_); }

private:
    SpinLock& lock_;
    std::uint64_t flag_;
};

// Data that is reached only through its lock.
template <typename T>
class Guarded {
public:
    template <typename... Arguments>
    constexpr explicit Guarded(LockRank rank, Arguments&&... arguments)
        : lock_(rank), value_(std::forward<Arguments>(arguments)...) {}

    template <typename Action>
    decltype(auto) with(Action action) {
        LockGuard guard(lock_);
        return action(value_);
    }

private:
    SpinLock lock_;
    T value_;
};

} // namespace os
