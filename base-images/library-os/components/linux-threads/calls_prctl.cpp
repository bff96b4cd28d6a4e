// prctl: names of threads, and settings that are kept and told because programs ask for them back;
// nothing here depends on them.
#include <linux-signals/signal_set.hpp>
#include <memory/address_space.hpp>
#include <syscall/syscall.hpp>
#include <threads/thread.hpp>

namespace os::linux {

namespace {

using Arguments = SyscallArguments;
using Option = Result<std::int64_t> (*)(const Arguments&);

constexpr std::uint64_t k_last_capability = 40;

Result<std::int64_t> accept(const Arguments&) {
    return 0;
}

constinit std::uint64_t g_dumpable = 1;
constinit std::uint64_t g_keeps_capabilities = 0;
constinit std::uint64_t g_no_new_privileges = 0;
constinit std::uint64_t g_small_pages = 0;
constinit std::int32_t g_parent_signal = 0;
constexpr std::uint64_t k_usual_slack = 50'000; // nanoseconds
constinit std::uint64_t g_timer_slack = k_usual_slack;

template <std::uint64_t& setting>
Result<std::int64_t> tell(const Arguments&) {
    return static_cast<std::int64_t>(setting);
}

// Only 0 and 1 are meant.
template <std::uint64_t& setting>
Result<std::int64_t> keep_switch(const Arguments& arguments) {
    if (arguments.value[1] > 1)
        return Errno::einval;
    setting = arguments.value[1];
    return 0;
}

bool more_arguments(const Arguments& arguments) {
    return (arguments.value[2] | arguments.value[3] | arguments.value[4]) != 0;
}

// Once on, it stays.
Result<std::int64_t> give_up_privileges(const Arguments& arguments) {
    if (arguments.value[1] != 1 || more_arguments(arguments))
        return Errno::einval;
    g_no_new_privileges = 1;
    return 0;
}

Result<std::int64_t> keep_small_pages(const Arguments& arguments) {
    if (more_arguments(arguments))
        return Errno::einval;
    g_small_pages = arguments.value[1] != 0 ? 1 : 0;
    return 0;
}

Result<std::int64_t> keep_slack(const Arguments& arguments) {
    g_timer_slack = arguments.value[1] == 0 ? k_usual_slack : arguments.value[1];
    return 0;
}

Result<std::int64_t> keep_parent_signal(const Arguments& arguments) {
    if (arguments.value[1] != 0 &&
        !linux_signals::valid_signal(static_cast<std::int64_t>(arguments.value[1])))
        return Errno::einval;
    g_parent_signal = arguments.as<std::int32_t>(1);
    return 0;
}

Result<std::int64_t> store_parent_signal(const Arguments& arguments) {
    UNIK_TRY(memory::AppSpan<std::int32_t>::writable(arguments.value[1], 1))[0] = g_parent_signal;
    return 0;
}

Result<std::int64_t> set_name(const Arguments& arguments) {
    char* name = threads::current().name;
    constexpr std::size_t k_longest = sizeof(threads::Thread::name) - 1;
    for (std::size_t i = 0; i < k_longest; ++i) {
        const char c = UNIK_TRY(memory::AppSpan<char>::readable(arguments.value[1] + i, 1))[0];
        name[i] = c;
        if (c == '\0')
            return 0;
    }
    name[k_longest] = '\0';
    return 0;
}

Result<std::int64_t> get_name(const Arguments& arguments) {
    const auto& name = threads::current().name;
    const auto out = UNIK_TRY(memory::AppSpan<char>::writable(arguments.value[1], sizeof(name)));
    __builtin_memcpy(out.data(), name, sizeof(name));
    return 0;
}

Result<std::int64_t> store_zero(const Arguments& arguments) {
    UNIK_TRY(memory::AppSpan<std::int32_t>::writable(arguments.value[1], 1))[0] = 0;
    return 0;
}

Result<std::int64_t> read_capability(const Arguments& arguments) {
    if (arguments.value[1] > k_last_capability)
        return Errno::einval;
    return 1;
}

Result<std::int64_t> ambient(const Arguments& arguments) {
    constexpr std::uint64_t k_is_set = 1;
    constexpr std::uint64_t k_clear_all = 4;
    if (arguments.value[1] == k_is_set || arguments.value[1] == k_clear_all)
        return 0;
    return Errno::eperm;
}

struct Entry {
    std::uint32_t option; // linux/prctl.h
    Option act;
};
constexpr Entry k_options[] = {
    {1, &keep_parent_signal},                // SET_PDEATHSIG
    {2, &store_parent_signal},               // GET_PDEATHSIG
    {3, &tell<g_dumpable>},                  // GET_DUMPABLE
    {4, &keep_switch<g_dumpable>},           // SET_DUMPABLE
    {7, &tell<g_keeps_capabilities>},        // GET_KEEPCAPS
    {8, &keep_switch<g_keeps_capabilities>}, // SET_KEEPCAPS
    {15, &set_name},                         // SET_NAME
    {16, &get_name},                         // GET_NAME
    {21, &accept},                           // GET_SECCOMP
    {23, &read_capability},                  // CAPBSET_READ
    {24, &accept},                           // CAPBSET_DROP
    {27, &accept},                           // GET_SECUREBITS
    {28, &accept},                           // SET_SECUREBITS
    {29, &keep_slack},                       // SET_TIMERSLACK
    {30, &tell<g_timer_slack>},              // GET_TIMERSLACK
    {31, &accept},                           // TASK_PERF_EVENTS_DISABLE
    {32, &accept},                           // TASK_PERF_EVENTS_ENABLE
    {36, &accept},                           // SET_CHILD_SUBREAPER
    {37, &store_zero},                       // GET_CHILD_SUBREAPER
    {38, &give_up_privileges},               // SET_NO_NEW_PRIVS
    {39, &tell<g_no_new_privileges>},        // GET_NO_NEW_PRIVS
    {41, &keep_small_pages},                 // SET_THP_DISABLE
    {42, &tell<g_small_pages>},              // GET_THP_DISABLE
    {47, &ambient},                          // CAP_AMBIENT
    {0x59616d61, &accept},                   // SET_PTRACER
};

} // namespace

std::int64_t prctl(SyscallArguments& arguments) {
    for (const Entry& entry : k_options)
        if (entry.option == arguments.as<std::uint32_t>(0))
            return reply(entry.act(arguments));
    return reply(Result<void>(Errno::einval));
}

} // namespace os::linux
