// Who the program is: process 1, run by root, alone. Changes of user and group are accepted and
// kept, since servers insist on giving up what they do not need; nothing here depends on them.
#include <foundation/span.hpp>
#include <syscall/syscall.hpp>
#include <threads/thread.hpp>

#include "program_value.hpp"

namespace os::linux {

namespace {

using namespace linux_system;

constexpr std::int32_t k_process = 1;
constexpr std::uint32_t k_keep = ~std::uint32_t{0}; // -1: leave as it is
constexpr std::size_t k_most_groups = 32;

struct Ids {
    std::uint32_t real = 0;
    std::uint32_t effective = 0;
    std::uint32_t saved = 0;
};
constinit Ids g_user;
constinit Ids g_group;
constinit std::uint32_t g_groups[k_most_groups];
constinit std::size_t g_group_count = 0;

std::int64_t set(Ids& ids, std::uint32_t real, std::uint32_t effective, std::uint32_t saved) {
    if (real != k_keep)
        ids.real = real;
    if (effective != k_keep)
        ids.effective = effective;
    if (saved != k_keep)
        ids.saved = saved;
    return 0;
}

std::int64_t set_all(Ids& ids, std::uint32_t id) {
    if (id == k_keep)
        return reply(Result<void>(Errno::einval));
    return set(ids, id, id, id);
}

// setreuid: the saved id follows the effective one.
std::int64_t set_two(Ids& ids, const SyscallArguments& arguments) {
    set(ids, arguments.as<std::uint32_t>(0), arguments.as<std::uint32_t>(1), k_keep);
    ids.saved = ids.effective;
    return 0;
}

std::int64_t set_three(Ids& ids, const SyscallArguments& arguments) {
    return set(ids, arguments.as<std::uint32_t>(0), arguments.as<std::uint32_t>(1),
               arguments.as<std::uint32_t>(2));
}

Result<void> store_three(const Ids& ids, const SyscallArguments& arguments) {
    UNIK_TRY(store(arguments.value[0], ids.real));
    UNIK_TRY(store(arguments.value[1], ids.effective));
    return store(arguments.value[2], ids.saved);
}

// The file system's id is always the effective one; both calls return it.
std::int64_t effective(const Ids& ids) {
    return ids.effective;
}

Result<std::int64_t> store_groups(std::int32_t size, std::uint64_t address) {
    if (size < 0)
        return Errno::einval;
    if (size == 0)
        return static_cast<std::int64_t>(g_group_count);
    if (static_cast<std::size_t>(size) < g_group_count)
        return Errno::einval;
    const auto out = UNIK_TRY(memory::AppSpan<std::uint32_t>::writable(address, g_group_count));
    for (std::size_t i = 0; i < g_group_count; ++i)
        out[i] = g_groups[i];
    return static_cast<std::int64_t>(g_group_count);
}

Result<void> set_groups(std::size_t size, std::uint64_t address) {
    if (size > k_most_groups)
        return Errno::einval;
    const auto groups = UNIK_TRY(memory::AppSpan<std::uint32_t>::readable(address, size));
    for (std::size_t i = 0; i < size; ++i)
        g_groups[i] = groups[i];
    g_group_count = size;
    return {};
}

Result<std::int64_t> group_of_process(std::int32_t process) {
    if (process != 0 && process != k_process)
        return Errno::esrch;
    return k_process;
}

// linux/capability.h
struct CapabilityHeader {
    std::uint32_t version;
    std::int32_t process;
};
struct CapabilitySets {
    std::uint32_t effective, permitted, inheritable;
};
constexpr std::uint32_t k_capability_version = 0x20080522;
constexpr std::uint64_t k_all_capabilities = (std::uint64_t{1} << 41) - 1;

// An unknown version is answered with the one that is spoken.
Result<bool> check_version(std::uint64_t header_address) {
    auto header = UNIK_TRY(load<CapabilityHeader>(header_address));
    if (header.version == k_capability_version)
        return true;
    header.version = k_capability_version;
    UNIK_TRY(store(header_address, header));
    return false;
}

Result<void> store_capabilities(std::uint64_t header_address, std::uint64_t address) {
    const bool known = UNIK_TRY(check_version(header_address));
    if (address == 0)
        return {};
    if (!known)
        return Errno::einval;
    const auto out = UNIK_TRY(memory::AppSpan<CapabilitySets>::writable(address, 2));
    for (unsigned i = 0; i < 2; ++i) {
        const auto half = static_cast<std::uint32_t>(k_all_capabilities >> (32 * i));
        out[i] = {half, half, 0};
    }
    return {};
}

Result<void> accept_capabilities(std::uint64_t header_address, std::uint64_t address) {
    if (!UNIK_TRY(check_version(header_address)))
        return Errno::einval;
    UNIK_TRY(memory::AppSpan<CapabilitySets>::readable(address, 2));
    return {};
}

} // namespace

std::int64_t getpid(SyscallArguments&) {
    return k_process;
}
std::int64_t getppid(SyscallArguments&) {
    return 0;
}
std::int64_t getpgrp(SyscallArguments&) {
    return k_process;
}
std::int64_t getpgid(SyscallArguments& arguments) {
    return reply(group_of_process(arguments.as<std::int32_t>(0)));
}
std::int64_t getsid(SyscallArguments& arguments) {
    return reply(group_of_process(arguments.as<std::int32_t>(0)));
}
// Process 1 leads its session already.
std::int64_t setpgid(SyscallArguments&) {
    return reply(Result<void>(Errno::eperm));
}
std::int64_t setsid(SyscallArguments&) {
    return reply(Result<void>(Errno::eperm));
}

std::int64_t getuid(SyscallArguments&) {
    return g_user.real;
}
std::int64_t geteuid(SyscallArguments&) {
    return effective(g_user);
}
std::int64_t getgid(SyscallArguments&) {
    return g_group.real;
}
std::int64_t getegid(SyscallArguments&) {
    return effective(g_group);
}
std::int64_t getresuid(SyscallArguments& arguments) {
    return reply(store_three(g_user, arguments));
}
std::int64_t getresgid(SyscallArguments& arguments) {
    return reply(store_three(g_group, arguments));
}
std::int64_t setuid(SyscallArguments& arguments) {
    return set_all(g_user, arguments.as<std::uint32_t>(0));
}
std::int64_t setgid(SyscallArguments& arguments) {
    return set_all(g_group, arguments.as<std::uint32_t>(0));
}
std::int64_t setreuid(SyscallArguments& arguments) {
    return set_two(g_user, arguments);
}
std::int64_t setregid(SyscallArguments& arguments) {
    return set_two(g_group, arguments);
}
std::int64_t setresuid(SyscallArguments& arguments) {
    return set_three(g_user, arguments);
}
std::int64_t setresgid(SyscallArguments& arguments) {
    return set_three(g_group, arguments);
}
std::int64_t setfsuid(SyscallArguments&) {
    return effective(g_user);
}
std::int64_t setfsgid(SyscallArguments&) {
    return effective(g_group);
}

std::int64_t getgroups(SyscallArguments& arguments) {
    return reply(store_groups(arguments.as<std::int32_t>(0), arguments.value[1]));
}
std::int64_t setgroups(SyscallArguments& arguments) {
    return reply(set_groups(arguments.as<std::uint32_t>(0), arguments.value[1]));
}
std::int64_t capget(SyscallArguments& arguments) {
    return reply(store_capabilities(arguments.value[0], arguments.value[1]));
}
std::int64_t capset(SyscallArguments& arguments) {
    return reply(accept_capabilities(arguments.value[0], arguments.value[1]));
}

} // namespace os::linux
