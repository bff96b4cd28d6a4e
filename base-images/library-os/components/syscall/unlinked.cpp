#include "unlinked.hpp"

#include <control/control.hpp>
#include <foundation/format.hpp>

namespace os::syscall {
namespace {

// Calls that make a process or another program of this one (asm/unistd_64.h).
struct ProcessCall {
    std::uint64_t number;
    const char* name;
    const char* way_out;
};
constexpr const char* k_no_second_process =
    "an image runs one process; run the other program as its own image, use threads for work "
    "beside this one (posix_spawn, system and popen need a second process, too)";
constexpr const char* k_no_other_program =
    "an image runs the one program it was built for; build the other program as its own image";
constexpr const char* k_no_threads_linked =
    "the image was built without threads; add `components: {add: [linux-threads]}` to its Unikfile "
    "if the program starts threads (a second process is not possible)";
constexpr std::uint64_t k_clone = 56;
constexpr ProcessCall k_process_calls[] = {
    {k_clone, "clone", k_no_second_process}, {57, "fork", k_no_second_process},
    {58, "vfork", k_no_second_process},      {59, "execve", k_no_other_program},
    {322, "execveat", k_no_other_program},   {435, "clone3", k_no_threads_linked},
};

bool makes_thread(const SyscallArguments& arguments) {
    constexpr std::uint64_t k_clone_thread = 0x10000;
    return (arguments.value[0] & k_clone_thread) != 0;
}

bool first_time(std::uint64_t number) {
    constexpr unsigned k_bits = 64;
    static constinit std::uint64_t said[vocabulary::k_syscall_slots / k_bits + 1] = {};
    if (number > vocabulary::k_syscall_slots)
        number = vocabulary::k_syscall_slots;
    const std::uint64_t bit = std::uint64_t{1} << (number % k_bits);
    std::uint64_t& word = said[number / k_bits];
    const bool first = (word & bit) == 0;
    word |= bit;
    return first;
}

const char* behind(const char* text) {
    return text + __builtin_strlen(text) + 1;
}

} // namespace

Call find_call(const CallNames& names, std::uint64_t number) {
    if (number >= names.name_count)
        return {};
    const char* entry = names.text;
    for (std::uint32_t i = 0; i < names.provider_count; ++i)
        entry = behind(entry);
    for (; number > 0; --number)
        entry = behind(entry + 1);
    const auto provider = static_cast<std::uint8_t>(*entry);
    Call call;
    if (entry[1] != '\0')
        call.name = entry + 1;
    if (provider >= 1 && provider <= names.provider_count) {
        call.component = names.text;
        for (unsigned i = 1; i < provider; ++i)
            call.component = behind(call.component);
    }
    return call;
}

std::size_t describe_unlinked(std::uint64_t number, const SyscallArguments& arguments,
                              const Call& unlinked, char* out, std::size_t size) {
    for (const ProcessCall& call : k_process_calls)
        if (call.number == number) {
            const bool thread = number == k_clone && makes_thread(arguments);
            return format(out, size, "system call %s (%lu) returns ENOSYS: %s", call.name, number,
                          thread ? k_no_threads_linked : call.way_out);
        }
    const char* const name = unlinked.name;
    const char* const component = unlinked.component;
    if (name == nullptr)
        return format(out, size, "system call %lu returns ENOSYS: its number is unknown", number);
    if (component == nullptr)
        return format(out, size, "system call %s (%lu) returns ENOSYS: no component provides it",
                      name, number);
    return format(out, size,
                  "system call %s (%lu) returns ENOSYS: it is not linked; component '%s' provides "
                  "it, add `components: {add: [%s]}` to the Unikfile",
                  name, number, component, component);
}

void warn_unlinked(std::uint64_t number, const SyscallArguments& arguments, const Call& unlinked) {
    if (!first_time(number))
        return;
    char text[320];
    describe_unlinked(number, arguments, unlinked, text, sizeof text);
    control::warn("unlinked-syscall", "%s", text);
}

} // namespace os::syscall
