// Futexes whose word holds the id of the thread that owns them (FUTEX_LOCK_PI and its kin; the
// protocol is that of futex(2), "Priority-inheritance futexes"). The kernel hands such a lock to
// the thread that has waited longest, and never wakes two. All threads have one priority, so there
// is none to inherit, and an owner is never kept from running by those who wait.
#pragma once

#include <cstdint>

#include "futex_call.hpp"

namespace os::linux_threads {

inline constexpr std::uint32_t k_futex_has_waiters = 0x80000000; // linux/futex.h
inline constexpr std::uint32_t k_futex_owner_died = 0x40000000;
inline constexpr std::uint32_t k_futex_owner = 0x3fffffff;

// For a program of one thread: nobody else can own the lock.
std::int64_t serve_owned_alone(const FutexCall& call);

std::int64_t lock_owned_futex(const FutexCall& call);
std::int64_t unlock_owned_futex(const FutexCall& call);

// Locks that a thread owns at its end go to those who wait for them, marked as orphaned.
void hand_over_owned_futexes(std::uint32_t ended_thread);

} // namespace os::linux_threads
