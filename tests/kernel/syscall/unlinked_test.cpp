#include "syscall/unlinked.hpp"

#include <control/control.hpp>

#include <cstdarg>
#include <cstdio>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace {

std::vector<std::string> g_warnings;

std::string describe(std::uint64_t number, const os::syscall::Call& entry,
                     std::uint64_t first_argument = 0) {
    os::SyscallArguments arguments{{first_argument}, nullptr};
    char out[400];
    const std::size_t size =
        os::syscall::describe_unlinked(number, arguments, entry, out, sizeof out);
    REQUIRE(size < 320); // warn_unlinked's room
    return {out, size};
}

bool contains(const std::string& whole, const char* part) {
    return whole.find(part) != std::string::npos;
}

} // namespace

void os::control::warn(const char* id, const char* format, ...) {
    std::va_list arguments;
    va_start(arguments, format);
    char line[500];
    std::vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    g_warnings.push_back(std::string(id) + ": " + line);
}

TEST_CASE("a known call names itself, its number and the component that provides it") {
    const std::string said = describe(290, {"eventfd2", "linux-events"});
    CHECK(contains(said, "eventfd2 (290)"));
    CHECK(contains(said, "components: {add: [linux-events]}"));
}

TEST_CASE("names and their components are found by number, what is not there is not") {
    const char text[] = "files\0sockets\0"
                        "\001read\0\0\0\002socket\0\0ptrace\0\003odd";
    const os::syscall::CallNames names{text, 2, 5};
    const auto found = [&](std::uint64_t number) {
        const os::syscall::Call call = os::syscall::find_call(names, number);
        return std::string(call.name == nullptr ? "-" : call.name) + " " +
               (call.component == nullptr ? "-" : call.component);
    };
    CHECK(found(0) == "read files");
    CHECK(found(1) == "- -");
    CHECK(found(2) == "socket sockets");
    CHECK(found(3) == "ptrace -");
    CHECK(found(4) == "odd -");
    CHECK(found(5) == "- -");
    CHECK(found(UINT64_MAX) == "- -");
}

TEST_CASE("a call that nobody provides and an unknown number say so") {
    CHECK(contains(describe(101, {"ptrace", nullptr}), "ptrace (101)"));
    CHECK(contains(describe(101, {"ptrace", nullptr}), "no component provides it"));
    CHECK(contains(describe(511, {}), "511"));
    CHECK(contains(describe(511, {}), "unknown"));
}

TEST_CASE("calls for a second process or program say what to do instead") {
    for (const std::uint64_t number : {57, 58})
        CHECK(contains(describe(number, {}), "run the other program as its own image"));
    for (const std::uint64_t number : {59, 322})
        CHECK(contains(describe(number, {}), "build the other program as its own image"));
}

TEST_CASE("clone is a fork or a thread by its flags") {
    constexpr std::uint64_t k_fork_flags = 0x01200011;
    constexpr std::uint64_t k_spawn_flags = 0x4111;
    constexpr std::uint64_t k_thread_flags = 0x3d0f00;
    CHECK(contains(describe(56, {}, k_fork_flags), "one process"));
    CHECK(contains(describe(56, {}, k_spawn_flags), "one process"));
    CHECK(contains(describe(56, {}, k_thread_flags), "linux-threads"));
}

TEST_CASE("each number is warned of once, and all beyond the table together once") {
    g_warnings.clear();
    os::SyscallArguments arguments{};
    for (int round = 0; round < 2; ++round)
        for (const std::uint64_t number : {0ULL, 63ULL, 64ULL, 511ULL, 512ULL, 600ULL, ~0ULL})
            os::syscall::warn_unlinked(number, arguments, {});
    CHECK(g_warnings.size() == 5);
    CHECK(g_warnings[0].rfind("unlinked-syscall: ", 0) == 0);
}
