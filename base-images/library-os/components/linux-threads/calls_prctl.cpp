// prctl: names of threads, and answers to what runtimes ask.
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
Result<std::int64_t> one(const Arguments&) {
    return 1;
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
    {1, &accept},           // SET_PDEATHSIG
    {2, &store_zero},       // GET_PDEATHSIG
    {3, &one},              // GET_DUMPABLE
    {4, &accept},           // SET_DUMPABLE
    {7, &accept},           // GET_KEEPCAPS
    {8, &accept},           // SET_KEEPCAPS
    {15, &set_name},        // SET_NAME
    {16, &get_name},        // GET_NAME
    {21, &accept},          // GET_SECCOMP
    {23, &read_capability}, // CAPBSET_READ
    {24, &accept},          // CAPBSET_DROP
    {27, &accept},          // GET_SECUREBITS
    {28, &accept},          // SET_SECUREBITS
    {29, &accept},          // SET_TIMERSLACK
    {30, &accept},          // GET_TIMERSLACK
    {36, &accept},          // SET_CHILD_SUBREAPER
    {37, &store_zero},      // GET_CHILD_SUBREAPER
    {38, &accept},          // SET_NO_NEW_PRIVS
    {39, &accept},          // GET_NO_NEW_PRIVS
    {41, &accept},          // SET_THP_DISABLE
    {42, &accept},          // GET_THP_DISABLE
    {47, &ambient},         // CAP_AMBIENT
    {0x59616d61, &accept},  // SET_PTRACER
};

} // namespace

std::int64_t prctl(SyscallArguments& arguments) {
    for (const Entry& entry : k_options)
        if (entry.option == arguments.as<std::uint32_t>(0))
            return reply(entry.act(arguments));
    return reply(Result<void>(Errno::einval));
}

} // namespace os::linux
