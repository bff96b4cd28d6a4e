// The arguments of futex(2), and who serves it.
//
// A program that never makes a thread still calls futex: C libraries take their locks with it. It
// is served by the few lines of calls_futex.cpp; the first clone puts the real thing in their
// place, so that only programs that can make threads carry it.
#pragma once

#include <cstdint>

#include <foundation/result.hpp>
#include <foundation/types.hpp>

namespace os::linux_threads {

enum class FutexCommand : std::uint32_t { // linux/futex.h: FUTEX_*
    wait = 0,
    wake = 1,
    requeue = 3,
    compare_requeue = 4,
    wake_operation = 5,
    lock_owned = 6, // FUTEX_LOCK_PI, see futex_owner.hpp
    unlock_owned = 7,
    try_lock_owned = 8,
    wait_bits = 9,
    wake_bits = 10,
    lock_owned_by_clock = 13, // FUTEX_LOCK_PI2
};

inline constexpr std::uint32_t k_all_futex_bits = ~std::uint32_t{0};

struct FutexCall {
    FutexCommand command;
    std::uint64_t address;
    std::uint32_t value;
    std::uint64_t fourth; // a timeout's address, or a count
    std::uint64_t second_address;
    std::uint32_t third_value;
    bool realtime;
    bool is_private; // the address alone is what the futex is known by

    // Of a wait.
    std::uint32_t bits() const {
        return command == FutexCommand::wait ? k_all_futex_bits : third_value;
    }
    Result<Nanoseconds> deadline() const;
};

// When a point of time on the clock of the wall, or on the monotonic one, comes; 0: never.
enum class FutexClock { monotonic, realtime };
Result<Nanoseconds> futex_deadline(std::uint64_t time_address, FutexClock clock);

// What a wait that was interrupted returns.
std::int64_t interrupted_wait(const FutexCall& call);

using FutexServer = std::int64_t (*)(const FutexCall&);
void set_futex_server(FutexServer server);
// For programs with threads.
std::int64_t serve_futex(const FutexCall& call);

} // namespace os::linux_threads
