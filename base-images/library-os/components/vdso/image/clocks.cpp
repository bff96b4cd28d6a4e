// The functions of the vDSO. They run as part of the program: position-independent, no data of
// their own but the page that the kernel writes, and a system call for clocks they do not know.
#include <cstdint>

#include "vvar_layout.hpp"

namespace {

using os::vdso::Vvar;

struct Timespec {
    std::int64_t seconds;
    std::int64_t nanoseconds;
};
struct Timeval {
    std::int64_t seconds;
    std::int64_t microseconds;
};
struct Timezone {
    std::int32_t minutes_west;
    std::int32_t daylight;
};

constexpr std::int64_t k_second = 1'000'000'000;
constexpr long k_call_clock_gettime = 228;
constexpr long k_call_clock_getres = 229;

// linux/time.h
constexpr std::uint32_t k_of_wall_clock = 1U << 0 | 1U << 5 | 1U << 11; // REALTIME, _COARSE, TAI
constexpr std::uint32_t k_monotonic = 1U << 1 | 1U << 4 | 1U << 6 | 1U << 7; // _RAW, _COARSE, BOOT

constexpr bool one_of(std::uint32_t clocks, int id) {
    return id >= 0 && id < 32 && (clocks >> id & 1) != 0;
}

long system_call(long number, long first, const void* second) {
    long result;
    asm volatile("syscall"
                 : "=a"(result)
                 : "a"(number), "D"(first), "S"(second)
                 : "rcx", "r11", "memory");
    return result;
}

std::uint64_t read_tsc() {
    std::uint32_t low;
    std::uint32_t high;
    asm volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return static_cast<std::uint64_t>(high) << 32 | low;
}

} // namespace

// Defined by the linker script; volatile, because the kernel writes it at any time.
extern "C" [[gnu::visibility("hidden")]] const volatile Vvar unik_vvar;

namespace {

struct Now {
    std::int64_t monotonic;
    std::int64_t realtime;
};

Now read_clocks() {
    for (;;) {
        const std::uint32_t before = __atomic_load_n(&unik_vvar.sequence, __ATOMIC_ACQUIRE);
        const std::uint64_t ticks = read_tsc() - unik_vvar.base_tsc;
        __extension__ using Wide = unsigned __int128;
        const auto monotonic = static_cast<std::int64_t>(
            static_cast<Wide>(ticks) * unik_vvar.multiplier >> unik_vvar.shift);
        const std::int64_t offset = unik_vvar.realtime_offset;
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        const std::uint32_t after = __atomic_load_n(&unik_vvar.sequence, __ATOMIC_RELAXED);
        if (before == after && (before & 1) == 0)
            return {monotonic, monotonic + offset};
    }
}

} // namespace

extern "C" {

int __vdso_clock_gettime(int clock, Timespec* out) {
    const bool monotonic = one_of(k_monotonic, clock);
    if (!monotonic && !one_of(k_of_wall_clock, clock))
        return static_cast<int>(system_call(k_call_clock_gettime, clock, out));
    const Now now = read_clocks();
    const auto time = static_cast<std::uint64_t>(monotonic ? now.monotonic : now.realtime);
    out->seconds = static_cast<std::int64_t>(time / k_second);
    out->nanoseconds = static_cast<std::int64_t>(time % k_second);
    return 0;
}

int __vdso_gettimeofday(Timeval* out, Timezone* zone) {
    if (out != nullptr) {
        const auto time = static_cast<std::uint64_t>(read_clocks().realtime);
        out->seconds = static_cast<std::int64_t>(time / k_second);
        out->microseconds = static_cast<std::int64_t>(time % k_second / 1000);
    }
    if (zone != nullptr)
        *zone = {};
    return 0;
}

std::int64_t __vdso_time(std::int64_t* out) {
    const std::int64_t seconds = read_clocks().realtime / k_second;
    if (out != nullptr)
        *out = seconds;
    return seconds;
}

int __vdso_clock_getres(int clock, Timespec* out) {
    if (!one_of(k_monotonic | k_of_wall_clock, clock))
        return static_cast<int>(system_call(k_call_clock_getres, clock, out));
    if (out != nullptr)
        *out = {0, 1};
    return 0;
}

long __vdso_getcpu(unsigned* cpu, unsigned* node, void*) {
    if (cpu != nullptr)
        *cpu = 0;
    if (node != nullptr)
        *node = 0;
    return 0;
}
}
