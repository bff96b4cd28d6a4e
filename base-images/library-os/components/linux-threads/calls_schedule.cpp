// Scheduling: every thread has the one policy (SCHED_OTHER, round robin) on the one CPU.
#include <linux-signals/task.hpp>
#include <memory/address_space.hpp>
#include <syscall/syscall.hpp>
#include <threads/thread.hpp>

namespace os::linux {

namespace {

constexpr std::size_t k_mask_size = 8;     // one word of CPUs
constexpr std::uint64_t k_own_cpu = 1;     // CPU 0
constexpr std::int32_t k_policy_other = 0; // SCHED_OTHER
constexpr std::int32_t k_policy_fifo = 1;  // SCHED_FIFO
constexpr std::int32_t k_policy_robin = 2; // SCHED_RR
constexpr std::int32_t k_policy_batch = 3; // SCHED_BATCH
constexpr std::int32_t k_policy_idle = 5;  // SCHED_IDLE
constexpr std::int32_t k_reset_on_fork = 0x40000000;
constexpr std::int32_t k_highest_real_time = 99;
constexpr std::int64_t k_time_slice = 10'000'000;

Result<void> check_thread(std::int32_t id) {
    if (id < 0)
        return Errno::einval;
    if (id != 0 && linux_signals::find_task(id) == nullptr)
        return Errno::esrch;
    return {};
}

constexpr bool real_time(std::int32_t policy) {
    return policy == k_policy_fifo || policy == k_policy_robin;
}
constexpr bool known_policy(std::int32_t policy) {
    return real_time(policy) || policy == k_policy_other || policy == k_policy_batch ||
           policy == k_policy_idle;
}

// Real-time policies are refused, as to an unprivileged program: nothing here could honour them.
Result<void> check_policy(std::int32_t policy, std::uint64_t parameter_address) {
    const std::int32_t priority =
        UNIK_TRY(memory::AppSpan<std::int32_t>::readable(parameter_address, 1))[0];
    if (!known_policy(policy))
        return Errno::einval;
    if (real_time(policy))
        return priority >= 1 && priority <= k_highest_real_time ? Errno::eperm : Errno::einval;
    return priority == 0 ? Result<void>() : Errno::einval;
}

Result<std::int64_t> store_affinity(std::int32_t id, std::size_t size, std::uint64_t address) {
    UNIK_TRY(check_thread(id));
    if (size < k_mask_size || size % k_mask_size != 0)
        return Errno::einval;
    UNIK_TRY(memory::AppSpan<std::uint64_t>::writable(address, 1))[0] = k_own_cpu;
    return static_cast<std::int64_t>(k_mask_size);
}

Result<void> check_affinity(std::int32_t id, std::size_t size, std::uint64_t address) {
    UNIK_TRY(check_thread(id));
    if (size == 0)
        return Errno::einval;
    const std::uint8_t first = UNIK_TRY(memory::AppSpan<std::uint8_t>::readable(address, 1))[0];
    return (first & k_own_cpu) != 0 ? Result<void>() : Errno::einval;
}

Result<void> store_parameter(std::int32_t id, std::uint64_t address) {
    UNIK_TRY(check_thread(id));
    UNIK_TRY(memory::AppSpan<std::int32_t>::writable(address, 1))[0] = 0;
    return {};
}

Result<void> set_policy(std::int32_t id, std::int32_t policy, std::uint64_t address) {
    UNIK_TRY(check_thread(id));
    return check_policy(policy & ~k_reset_on_fork, address);
}

Result<void> store_interval(std::int32_t id, std::uint64_t address) {
    UNIK_TRY(check_thread(id));
    const auto out = UNIK_TRY(memory::AppSpan<std::int64_t>::writable(address, 2));
    out[0] = 0;
    out[1] = k_time_slice;
    return {};
}

Result<void> store_cpu(std::uint64_t cpu_address, std::uint64_t node_address) {
    if (cpu_address != 0)
        UNIK_TRY(memory::AppSpan<std::uint32_t>::writable(cpu_address, 1))[0] = 0;
    if (node_address != 0)
        UNIK_TRY(memory::AppSpan<std::uint32_t>::writable(node_address, 1))[0] = 0;
    return {};
}

Result<std::int64_t> priority_limit(std::int32_t policy, std::int64_t real_time_limit) {
    if (!known_policy(policy))
        return Errno::einval;
    return real_time(policy) ? real_time_limit : 0;
}

} // namespace

std::int64_t sched_yield(SyscallArguments&) {
    threads::yield();
    return 0;
}

std::int64_t sched_getaffinity(SyscallArguments& arguments) {
    return reply(store_affinity(arguments.as<std::int32_t>(0), arguments.as<std::uint32_t>(1),
                                arguments.value[2]));
}

std::int64_t sched_setaffinity(SyscallArguments& arguments) {
    return reply(check_affinity(arguments.as<std::int32_t>(0), arguments.as<std::uint32_t>(1),
                                arguments.value[2]));
}

std::int64_t sched_getparam(SyscallArguments& arguments) {
    return reply(store_parameter(arguments.as<std::int32_t>(0), arguments.value[1]));
}

std::int64_t sched_setparam(SyscallArguments& arguments) {
    return reply(set_policy(arguments.as<std::int32_t>(0), k_policy_other, arguments.value[1]));
}

std::int64_t sched_getscheduler(SyscallArguments& arguments) {
    return reply(check_thread(arguments.as<std::int32_t>(0))); // 0 is SCHED_OTHER
}

std::int64_t sched_setscheduler(SyscallArguments& arguments) {
    return reply(set_policy(arguments.as<std::int32_t>(0), arguments.as<std::int32_t>(1),
                            arguments.value[2]));
}

std::int64_t sched_get_priority_max(SyscallArguments& arguments) {
    return reply(priority_limit(arguments.as<std::int32_t>(0), k_highest_real_time));
}

std::int64_t sched_get_priority_min(SyscallArguments& arguments) {
    return reply(priority_limit(arguments.as<std::int32_t>(0), 1));
}

std::int64_t sched_rr_get_interval(SyscallArguments& arguments) {
    return reply(store_interval(arguments.as<std::int32_t>(0), arguments.value[1]));
}

std::int64_t getcpu(SyscallArguments& arguments) {
    return reply(store_cpu(arguments.value[0], arguments.value[1]));
}

// With one CPU the system call itself is the barrier.
std::int64_t membarrier(SyscallArguments& arguments) {
    // linux/membarrier.h: global, global expedited and its registration, private expedited and its
    // registration, private expedited sync-core and its registration.
    constexpr std::int64_t k_supported = 1 | 2 | 4 | 8 | 16 | 32 | 64;
    const auto command = arguments.as<std::int32_t>(0);
    if (command == 0)
        return k_supported;
    const bool one = (command & (command - 1)) == 0;
    if (command < 0 || !one || (command & k_supported) == 0 || arguments.as<std::uint32_t>(1) != 0)
        return reply(Result<void>(Errno::einval));
    return 0;
}

} // namespace os::linux
