// Scheduling: threads take turns on the one CPU, whatever policy without priorities they ask for.
#include <linux-signals/task.hpp>
#include <memory/address_space.hpp>
#include <syscall/syscall.hpp>
#include <threads/thread.hpp>

namespace os::linux {

namespace {

using linux_signals::Task;

constexpr std::size_t k_mask_size = 8;        // one word of CPUs
constexpr std::uint64_t k_own_cpu = 1;        // CPU 0
constexpr std::int32_t k_policy_other = 0;    // SCHED_OTHER
constexpr std::int32_t k_policy_fifo = 1;     // SCHED_FIFO
constexpr std::int32_t k_policy_robin = 2;    // SCHED_RR
constexpr std::int32_t k_policy_batch = 3;    // SCHED_BATCH
constexpr std::int32_t k_policy_idle = 5;     // SCHED_IDLE
constexpr std::int32_t k_policy_deadline = 6; // SCHED_DEADLINE
constexpr std::int32_t k_same_policy = -1;
constexpr std::int32_t k_reset_on_fork = 0x40000000;
constexpr std::int32_t k_highest_real_time = 99;
constexpr std::int64_t k_time_slice = 10'000'000;

Result<Task*> thread_of(std::int32_t id) {
    if (id < 0)
        return Errno::einval;
    Task* task = id == 0 ? &linux_signals::current_task() : linux_signals::find_task(id);
    return task != nullptr ? Result<Task*>(task) : Errno::esrch;
}

// To the calls about affinity, a negative id is that of no thread.
Result<void> check_thread(std::int32_t id) {
    const Result<Task*> found = id < 0 ? Errno::esrch : thread_of(id);
    return found.ok() ? Result<void>() : found.error();
}

constexpr bool real_time(std::int32_t policy) {
    return policy == k_policy_fifo || policy == k_policy_robin;
}
constexpr bool known_policy(std::int32_t policy) {
    return real_time(policy) || policy == k_policy_other || policy == k_policy_batch ||
           policy == k_policy_idle;
}

// Real-time policies are refused, as to an unprivileged program: nothing here could honour them.
Result<void> check_policy(std::int32_t policy, std::int32_t priority) {
    if (!known_policy(policy))
        return Errno::einval;
    if (real_time(policy))
        return priority >= 1 && priority <= k_highest_real_time ? Errno::eperm : Errno::einval;
    return priority == 0 ? Result<void>() : Errno::einval;
}

Result<std::int64_t> store_affinity(std::int32_t id, std::size_t size, std::uint64_t address) {
    if (size < k_mask_size || size % k_mask_size != 0)
        return Errno::einval;
    UNIK_TRY(check_thread(id));
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
    UNIK_TRY(thread_of(id));
    if (address == 0)
        return Errno::einval;
    UNIK_TRY(memory::AppSpan<std::int32_t>::writable(address, 1))[0] = 0;
    return {};
}

Result<void> set_policy(std::int32_t id, std::int32_t policy, std::uint64_t address) {
    if (address == 0)
        return Errno::einval;
    const auto priority = UNIK_TRY(memory::AppSpan<std::int32_t>::readable(address, 1))[0];
    Task* task = UNIK_TRY(thread_of(id));
    const std::int32_t wanted = policy == k_same_policy ? task->policy : policy & ~k_reset_on_fork;
    UNIK_TRY(check_policy(wanted, priority));
    task->policy = wanted;
    return {};
}

Result<std::int64_t> policy_of(std::int32_t id) {
    return UNIK_TRY(thread_of(id))->policy;
}

struct Attributes { // linux/sched/types.h: struct sched_attr
    std::uint32_t size, policy;
    std::uint64_t flags;
    std::int32_t nice;
    std::uint32_t priority;
    std::uint64_t runtime, deadline, period;
    std::uint32_t least_use, most_use;
};
static_assert(sizeof(Attributes) == 56);
constexpr std::size_t k_least_attributes = 48; // before the last two members

Result<void> store_attributes(std::int32_t id, std::uint64_t address, std::uint32_t size,
                              std::uint32_t flags) {
    if (id < 0 || address == 0 || size > k_page_size || size < k_least_attributes || flags != 0)
        return Errno::einval;
    const Task* task = UNIK_TRY(thread_of(id));
    Attributes attributes{};
    attributes.size = size < sizeof(attributes) ? size : sizeof(attributes);
    attributes.policy = static_cast<std::uint32_t>(task->policy);
    attributes.nice = task->nice;
    const auto out = UNIK_TRY(memory::AppSpan<std::uint8_t>::writable(address, size));
    __builtin_memset(out.data(), 0, out.size());
    __builtin_memcpy(out.data(), &attributes, attributes.size);
    return {};
}

// A size that is not known is answered with the one that is.
Result<Attributes> load_attributes(std::uint64_t address) {
    const auto size = UNIK_TRY(memory::AppSpan<std::uint32_t>::readable(address, 1))[0];
    const std::size_t given = size == 0 ? k_least_attributes : size;
    Attributes attributes{};
    const std::size_t known = given < sizeof(attributes) ? given : sizeof(attributes);
    bool sound = given >= k_least_attributes && given <= k_page_size;
    if (sound) {
        const auto bytes = UNIK_TRY(memory::AppSpan<std::uint8_t>::readable(address, given));
        __builtin_memcpy(&attributes, bytes.data(), known);
        for (const std::uint8_t byte : bytes.part(known))
            sound = sound && byte == 0;
    }
    if (sound)
        return attributes;
    UNIK_TRY(memory::AppSpan<std::uint32_t>::writable(address, 1))[0] = sizeof(attributes);
    return Errno::e2big;
}

constexpr std::int32_t limited_nice(std::int32_t nice) {
    return nice < -20 ? -20 : nice > 19 ? 19 : nice;
}

Result<void> set_attributes(std::int32_t id, std::uint64_t address, std::uint32_t flags) {
    constexpr std::uint64_t k_keep_policy = 8; // SCHED_FLAG_KEEP_POLICY
    constexpr std::uint64_t k_known_flags = 0x7f;
    if (id < 0 || address == 0 || flags != 0)
        return Errno::einval;
    const Attributes wanted = UNIK_TRY(load_attributes(address));
    Task* task = UNIK_TRY(thread_of(id));
    const bool keeps = (wanted.flags & k_keep_policy) != 0;
    const auto policy = keeps ? task->policy : static_cast<std::int32_t>(wanted.policy);
    if ((wanted.flags & ~k_known_flags) != 0)
        return Errno::einval;
    UNIK_TRY(check_policy(policy, static_cast<std::int32_t>(wanted.priority)));
    task->policy = policy;
    task->nice = limited_nice(wanted.nice);
    return {};
}

Result<void> store_interval(std::int32_t id, std::uint64_t address) {
    UNIK_TRY(thread_of(id));
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
    if (!known_policy(policy) && policy != k_policy_deadline)
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
    return reply(set_policy(arguments.as<std::int32_t>(0), k_same_policy, arguments.value[1]));
}

std::int64_t sched_getscheduler(SyscallArguments& arguments) {
    return reply(policy_of(arguments.as<std::int32_t>(0)));
}

std::int64_t sched_setscheduler(SyscallArguments& arguments) {
    return reply(set_policy(arguments.as<std::int32_t>(0), arguments.as<std::int32_t>(1),
                            arguments.value[2]));
}

std::int64_t sched_getattr(SyscallArguments& arguments) {
    return reply(store_attributes(arguments.as<std::int32_t>(0), arguments.value[1],
                                  arguments.as<std::uint32_t>(2), arguments.as<std::uint32_t>(3)));
}

std::int64_t sched_setattr(SyscallArguments& arguments) {
    return reply(set_attributes(arguments.as<std::int32_t>(0), arguments.value[1],
                                arguments.as<std::uint32_t>(2)));
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

} // namespace os::linux
