// Names, totals, random numbers, and requests that are politely declined.
#include <clock/clock.hpp>
#include <configuration/configuration.hpp>
#include <linux-signals/task.hpp>
#include <memory/frames.hpp>
#include <random/random.hpp>
#include <syscall/syscall.hpp>
#include <threads/thread.hpp>

#include "program_value.hpp"

namespace os::linux {

namespace {

using namespace linux_system;

constexpr std::size_t k_name_size = 65; // linux/utsname.h

struct SystemName { // struct new_utsname
    char system[k_name_size];
    char node[k_name_size];
    char release[k_name_size];
    char version[k_name_size];
    char machine[k_name_size];
    char domain[k_name_size];
};

constinit char g_host_name[k_name_size] = {}; // empty: as configured

void fill(char (&out)[k_name_size], StringView text) {
    const StringView cut = text.part(0, k_name_size - 1);
    __builtin_memcpy(out, cut.data(), cut.size());
    out[cut.size()] = '\0';
}

StringView host_name() {
    if (g_host_name[0] != '\0')
        return g_host_name;
    const StringView configured = configuration::setting("hostname");
    return configured.empty() ? StringView(configuration::image_name()) : configured;
}

// The release is that of the Linux whose interfaces are offered; C libraries ask for it.
Result<void> store_names(std::uint64_t address) {
    SystemName names{};
    fill(names.system, "Linux");
    fill(names.node, host_name());
    fill(names.release, "6.1.0-unik");
    fill(names.version, "#1 unik");
    fill(names.machine, "x86_64");
    fill(names.domain, "(none)");
    return store(address, names);
}

Result<void> set_host_name(std::uint64_t address, std::uint64_t size) {
    if (size >= k_name_size)
        return Errno::einval;
    const auto name = UNIK_TRY(memory::AppSpan<char>::readable(address, size));
    fill(g_host_name, StringView(name.data(), name.size()));
    return {};
}

struct Totals { // struct sysinfo
    std::int64_t uptime;
    std::uint64_t loads[3];
    std::uint64_t total_memory, free_memory, shared_memory, buffer_memory, total_swap, free_swap;
    std::uint16_t processes;
    std::uint16_t padding;
    std::uint32_t padding2;
    std::uint64_t total_high, free_high;
    std::uint32_t unit;
    std::uint32_t padding3;
};
static_assert(sizeof(Totals) == 112);

Result<void> store_totals(std::uint64_t address) {
    constexpr std::int64_t k_second = 1'000'000'000;
    const memory::FrameCount frames = memory::frame_count();
    Totals totals{};
    totals.uptime = clock::monotonic().value / k_second;
    totals.total_memory = frames.total * k_page_size;
    totals.free_memory = frames.free * k_page_size;
    totals.processes = static_cast<std::uint16_t>(threads::count());
    totals.unit = 1;
    return store(address, totals);
}

Result<std::int64_t> store_random(std::uint64_t address, std::uint64_t size, std::uint64_t flags) {
    constexpr std::uint64_t k_known_flags = 7; // GRND_NONBLOCK, _RANDOM, _INSECURE
    constexpr std::uint64_t k_most = 0x7ffff000;
    constexpr std::uint64_t k_random = 2;
    constexpr std::uint64_t k_insecure = 4;
    if ((flags & ~k_known_flags) != 0 ||
        (flags & (k_random | k_insecure)) == (k_random | k_insecure))
        return Errno::einval;
    const std::uint64_t count = size < k_most ? size : k_most;
    const auto out = UNIK_TRY(memory::AppSpan<std::uint8_t>::writable(address, count));
    random::fill(out);
    return static_cast<std::int64_t>(count);
}

// A thread's nice value is kept and told; groups and users are those of the one process, which the
// caller speaks for.
Result<linux_signals::Task*> whose_priority(std::int32_t which, std::int32_t who) {
    constexpr std::int32_t k_thread = 0;    // PRIO_PROCESS
    constexpr std::int32_t k_last_kind = 2; // PRIO_USER
    if (which < k_thread || which > k_last_kind)
        return Errno::einval;
    linux_signals::Task* task = which == k_thread && who != 0 ? linux_signals::find_task(who)
                                                              : &linux_signals::current_task();
    return task != nullptr ? Result<linux_signals::Task*>(task) : Errno::esrch;
}

// The raw call returns 20 minus the nice value, so that it is never negative.
Result<std::int64_t> priority(std::int32_t which, std::int32_t who) {
    return 20 - UNIK_TRY(whose_priority(which, who))->nice;
}

Result<void> set_priority(std::int32_t which, std::int32_t who, std::int32_t nice) {
    UNIK_TRY(whose_priority(which, who))->nice = nice < -20 ? -20 : nice > 19 ? 19 : nice;
    return {};
}

} // namespace

std::int64_t uname(SyscallArguments& arguments) {
    return reply(store_names(arguments.value[0]));
}

std::int64_t sethostname(SyscallArguments& arguments) {
    return reply(set_host_name(arguments.value[0], arguments.value[1]));
}

std::int64_t sysinfo(SyscallArguments& arguments) {
    return reply(store_totals(arguments.value[0]));
}

std::int64_t getrandom(SyscallArguments& arguments) {
    return reply(store_random(arguments.value[0], arguments.value[1], arguments.value[2]));
}

std::int64_t getpriority(SyscallArguments& arguments) {
    return reply(priority(arguments.as<std::int32_t>(0), arguments.as<std::int32_t>(1)));
}

std::int64_t setpriority(SyscallArguments& arguments) {
    return reply(set_priority(arguments.as<std::int32_t>(0), arguments.as<std::int32_t>(1),
                              arguments.as<std::int32_t>(2)));
}

std::int64_t ioprio_get(SyscallArguments&) {
    return 0;
}

std::int64_t ioprio_set(SyscallArguments&) {
    return 0;
}

// Only the ordinary execution domain, which is also what asking (0xffffffff) is told.
std::int64_t personality(SyscallArguments& arguments) {
    const auto wanted = arguments.as<std::uint32_t>(0);
    if (wanted == 0 || wanted == ~std::uint32_t{0})
        return 0;
    return reply(Result<void>(Errno::einval));
}

std::int64_t syslog(SyscallArguments&) {
    return reply(Result<void>(Errno::eperm));
}

std::int64_t seccomp(SyscallArguments&) {
    return reply(Result<void>(Errno::enosys));
}

} // namespace os::linux
