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
    wait_bits = 9,
    wake_bits = 10,
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

    // Of a wait.
    std::uint32_t bits() const {
        return command == FutexCommand::wait ? k_all_futex_bits : third_value;
    }
    Result<Nanoseconds> deadline() const;
};

// What a wait that was interrupted returns.
std::int64_t interrupted_wait(const FutexCall& call);

using FutexServer = std::int64_t (*)(const FutexCall&);
void set_futex_server(FutexServer server);
// For programs with threads.
std::int64_t serve_futex(const FutexCall& call);

} // namespace os::linux_threads
