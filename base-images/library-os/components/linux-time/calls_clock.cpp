// Reading and setting clocks.
#include <clock/clock.hpp>
#include <linux-signals/task.hpp>
#include <memory/address_space.hpp>
#include <syscall/syscall.hpp>
#include <vdso/vdso.hpp>

#include "clocks.hpp"

namespace os::linux {

namespace {

using namespace linux_time;

constexpr std::int64_t k_ticks_per_second = 100;

template <typename T>
Result<void> store(std::uint64_t address, const T& value) {
    UNIK_TRY(memory::AppSpan<T>::writable(address, 1))[0] = value;
    return {};
}

Result<void> store_time(int clock, std::uint64_t address) {
    return store(address, timespec_of(UNIK_TRY(now(clock))));
}

Result<void> store_resolution(int clock, std::uint64_t address) {
    UNIK_TRY(now(clock));
    return address == 0 ? Result<void>() : store(address, Timespec{0, 1});
}

Result<void> set_wall_clock(Nanoseconds time) {
    clock::set_realtime(time);
    vdso::update_clocks();
    return {};
}

Result<void> set_time(int clock, std::uint64_t address) {
    if (clock != k_clock_realtime)
        return Errno::einval;
    const Timespec time = UNIK_TRY(memory::AppSpan<Timespec>::readable(address, 1))[0];
    return set_wall_clock(UNIK_TRY(nanoseconds_of(time)));
}

struct Timezone {
    std::int32_t minutes_west = 0;
    std::int32_t daylight = 0;
};

Result<void> store_day_time(std::uint64_t time_address, std::uint64_t zone_address) {
    if (time_address != 0)
        UNIK_TRY(store(time_address, timeval_of(clock::realtime())));
    return zone_address == 0 ? Result<void>() : store(zone_address, Timezone{});
}

Result<void> set_day_time(std::uint64_t time_address) {
    if (time_address == 0)
        return {};
    const Timeval time = UNIK_TRY(memory::AppSpan<Timeval>::readable(time_address, 1))[0];
    return set_wall_clock(UNIK_TRY(nanoseconds_of(time)));
}

std::int64_t ticks(Nanoseconds time) {
    return time.value / (k_second / k_ticks_per_second);
}

struct ProcessTimes { // struct tms
    std::int64_t user, system, children_user, children_system;
};

Result<std::int64_t> store_process_times(std::uint64_t address) {
    if (address != 0)
        UNIK_TRY(store(address, ProcessTimes{ticks(linux_signals::process_cpu_time()), 0, 0, 0}));
    return ticks(clock::monotonic());
}

} // namespace

std::int64_t clock_gettime(SyscallArguments& arguments) {
    return reply(store_time(arguments.as<int>(0), arguments.value[1]));
}

std::int64_t clock_getres(SyscallArguments& arguments) {
    return reply(store_resolution(arguments.as<int>(0), arguments.value[1]));
}

std::int64_t clock_settime(SyscallArguments& arguments) {
    return reply(set_time(arguments.as<int>(0), arguments.value[1]));
}

std::int64_t gettimeofday(SyscallArguments& arguments) {
    return reply(store_day_time(arguments.value[0], arguments.value[1]));
}

std::int64_t settimeofday(SyscallArguments& arguments) {
    return reply(set_day_time(arguments.value[0]));
}

std::int64_t time(SyscallArguments& arguments) {
    const std::int64_t seconds = clock::realtime().value / k_second;
    if (arguments.value[0] != 0) {
        const Result<void> stored = store(arguments.value[0], seconds);
        if (!stored.ok())
            return reply(stored);
    }
    return seconds;
}

std::int64_t times(SyscallArguments& arguments) {
    return reply(store_process_times(arguments.value[0]));
}

} // namespace os::linux
