// Resource limits and use. The number of descriptors and the size of files are enforced; the other
// limits are kept and told, and memory is what the machine has.
#include <clock/clock.hpp>
#include <linux-signals/task.hpp>
#include <syscall/syscall.hpp>
#include <vfs/file_table.hpp>
#include <vfs/hooks.hpp>

#include "program_value.hpp"

namespace os::linux {

namespace {

using namespace linux_system;

constexpr std::uint64_t k_unlimited = ~std::uint64_t{0};
constexpr std::uint64_t k_stack_size = 8 << 20;
constexpr std::uint64_t k_most_descriptors = 1 << 20;
constexpr std::size_t k_limit_count = 16;
constexpr std::size_t k_file_size = 1;   // RLIMIT_FSIZE
constexpr std::size_t k_descriptors = 7; // RLIMIT_NOFILE

struct Limit { // struct rlimit64
    std::uint64_t soft;
    std::uint64_t hard;
};

// By RLIMIT_* (asm-generic/resource.h).
constinit Limit g_limits[k_limit_count] = {
    {k_unlimited, k_unlimited},  // CPU
    {k_unlimited, k_unlimited},  // FSIZE
    {k_unlimited, k_unlimited},  // DATA
    {k_stack_size, k_unlimited}, // STACK
    {0, k_unlimited},            // CORE: none is written
    {k_unlimited, k_unlimited},  // RSS
    {32768, 32768},              // NPROC
    {0, k_most_descriptors},     // NOFILE: the soft one is the file table's
    {k_unlimited, k_unlimited},  // MEMLOCK
    {k_unlimited, k_unlimited},  // AS
    {k_unlimited, k_unlimited},  // LOCKS
    {1024, 1024},                // SIGPENDING
    {819200, 819200},            // MSGQUEUE
    {0, 0},                      // NICE
    {0, 0},                      // RTPRIO
    {k_unlimited, k_unlimited},  // RTTIME
};

Result<Limit> limit_of(std::uint64_t resource) {
    if (resource >= k_limit_count)
        return Errno::einval;
    Limit limit = g_limits[resource];
    if (resource == k_descriptors)
        limit.soft = vfs::descriptor_limit();
    return limit;
}

Result<void> set_limit(std::uint64_t resource, const Limit& limit) {
    if (limit.soft > limit.hard)
        return Errno::einval;
    if (resource == k_descriptors) {
        if (limit.hard > k_most_descriptors)
            return Errno::eperm;
        vfs::set_descriptor_limit(limit.soft);
    }
    if (resource == k_file_size)
        vfs::set_file_size_limit(limit.soft);
    g_limits[resource] = limit;
    return {};
}

Result<void> exchange_limit(std::uint64_t resource, std::uint64_t new_address,
                            std::uint64_t old_address) {
    const Limit before = UNIK_TRY(limit_of(resource));
    if (new_address != 0)
        UNIK_TRY(set_limit(resource, UNIK_TRY(load<Limit>(new_address))));
    return store_if_asked(old_address, before);
}

struct Timeval {
    std::int64_t seconds;
    std::int64_t microseconds;
};

struct Usage { // struct rusage
    Timeval user;
    Timeval system;
    std::int64_t most_resident; // KiB
    std::int64_t rest[13];
};
static_assert(sizeof(Usage) == 144);

Result<void> store_usage(std::int32_t who, std::uint64_t address) {
    constexpr std::int32_t k_self = 0; // RUSAGE_*
    constexpr std::int32_t k_children = -1;
    constexpr std::int32_t k_thread = 1;
    constexpr std::int64_t k_second = 1'000'000'000;
    Usage usage{};
    if (who != k_self && who != k_children && who != k_thread)
        return Errno::einval;
    if (who != k_children) {
        const Nanoseconds time =
            who == k_self ? linux_signals::process_cpu_time() : threads::current().cpu_time();
        usage.user = {time.value / k_second, time.value % k_second / 1000};
        usage.most_resident =
            static_cast<std::int64_t>(memory::resident_pages() * (k_page_size / 1024));
    }
    return store(address, usage);
}

} // namespace

std::int64_t getrlimit(SyscallArguments& arguments) {
    return reply(exchange_limit(arguments.as<std::uint32_t>(0), 0, arguments.value[1]));
}

std::int64_t setrlimit(SyscallArguments& arguments) {
    return reply(exchange_limit(arguments.as<std::uint32_t>(0), arguments.value[1], 0));
}

std::int64_t prlimit64(SyscallArguments& arguments) {
    const auto process = arguments.as<std::int32_t>(0);
    if (process != 0 && process != 1)
        return reply(Result<void>(Errno::esrch));
    return reply(
        exchange_limit(arguments.as<std::uint32_t>(1), arguments.value[2], arguments.value[3]));
}

std::int64_t getrusage(SyscallArguments& arguments) {
    return reply(store_usage(arguments.as<std::int32_t>(0), arguments.value[1]));
}

} // namespace os::linux
