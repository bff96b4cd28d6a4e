// The analysis against reality: programs are compiled as users would, run under strace, and every
// system call that Linux saw must have been found in the code beforehand.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <sstream>

#include <analysis/analysis.hpp>
#include <support/process.hpp>

using namespace unik;

namespace {

const char* const k_hello = R"(
#include <stdio.h>
int main() { printf("hello %d\n", 3); return 0; }
)";

const char* const k_many_calls = R"(
#define _GNU_SOURCE
#include <dirent.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
static void* work(void* argument) { usleep(100); return argument; }
static int choose(int n) { return (int)syscall(n > 1 ? SYS_getuid : SYS_getgid); }
static void handle(int number) { (void)number; }
int main(int argc, char** argv) {
    pthread_t thread;
    pthread_create(&thread, 0, work, argv);
    pthread_join(thread, 0);
    choose(argc);
    choose(argc + 1);
    struct epoll_event event;
    int waiter = epoll_create1(0);
    epoll_wait(waiter, &event, 1, 0);
    close(waiter);
    close(socket(AF_INET, SOCK_STREAM, 0));
    struct stat status;
    stat("/tmp", &status);
    DIR* folder = opendir("/tmp");
    readdir(folder);
    closedir(folder);
    char buffer[100];
    if (!getcwd(buffer, sizeof(buffer))) return 1;
    signal(SIGUSR1, handle);
    kill(getpid(), SIGUSR1);
    void* memory = realloc(malloc(1 << 20), 1 << 22);
    free(memory);
    int ends[2];
    if (pipe(ends) || write(ends[1], "x", 1) != 1 || read(ends[0], buffer, 1) != 1) return 1;
    poll(0, 0, 1);
    time_t now = time(0);
    localtime(&now);
    FILE* file = fopen("/etc/passwd", "r");
    if (!file || !fgets(buffer, sizeof(buffer), file)) return 1;
    fseek(file, 0, SEEK_END);
    fclose(file);
    printf("%d\n", now > 0);
    return 0;
}
)";

const char* const k_modern = R"(
#include <chrono>
#include <condition_variable>
#include <iostream>
#include <mutex>
#include <sstream>
#include <thread>
#include <vector>
int main() {
    std::mutex mutex;
    std::condition_variable changed;
    bool ready = false;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            std::unique_lock lock(mutex);
            changed.wait_for(lock, std::chrono::milliseconds(5), [&] { return ready; });
        });
    {
        std::lock_guard lock(mutex);
        ready = true;
    }
    changed.notify_all();
    for (auto& thread : threads)
        thread.join();
    try {
        std::ostringstream text;
        text << std::this_thread::get_id();
        throw text.str();
    } catch (const std::string& text) {
        std::cout << text << std::endl;
    }
}
)";

const char* const k_number_from_outside = R"(
#include <stdlib.h>
#include <unistd.h>
int main(int argc, char** argv) { return (int)syscall(argc > 1 ? atoi(argv[1]) : 39); }
)";

struct Compiled {
    TemporaryDirectory folder;
    std::filesystem::path program;
};

Compiled compile(const char* source, const std::vector<std::string>& command, const char* suffix) {
    auto folder = TemporaryDirectory::create("unik-analysis-");
    REQUIRE(folder.ok());
    const std::filesystem::path file = folder->path() / (std::string("program") + suffix);
    REQUIRE(write_file(file, std::string_view(source)).ok());
    Command compiler;
    compiler.arguments = command;
    const std::filesystem::path program = folder->path() / "program";
    compiler.arguments.insert(compiler.arguments.end(), {"-w", file.string(), "-o", program});
    const auto done = run_successfully(compiler, "compile");
    INFO((done.ok() ? std::string() : to_text(done.error())));
    REQUIRE(done.ok());
    return {std::move(folder).value(), program};
}

analysis::Needs needs_of(const std::filesystem::path& program,
                         const manifests::Language& language = {}) {
    toolchain::Application application;
    application.executable_path = program;
    auto bytes = read_file(program, Bytes{64 << 20});
    REQUIRE(bytes.ok());
    application.executable = std::move(bytes).value();
    const auto checked = analysis::check_executable(application);
    INFO((checked.ok() ? std::string() : to_text(checked.error())));
    REQUIRE(checked.ok());
    auto needs = analysis::analyse(*checked, language);
    REQUIRE(needs.ok());
    return std::move(needs).value();
}

std::set<std::string> names(const analysis::Needs& needs) {
    std::set<std::string> out;
    for (const auto& need : needs.syscalls)
        out.insert(need.name);
    return out;
}

std::string joined(const std::set<std::string>& words) {
    std::string out;
    for (const std::string& word : words)
        out += word + " ";
    return out;
}

// What strace saw, but for the execve that started the program.
std::set<std::string> traced(const Compiled& compiled) {
    const std::filesystem::path log = compiled.folder.path() / "trace";
    Command strace;
    strace.arguments = {"strace", "-f", "-qq", "-o", log, compiled.program};
    REQUIRE(run_successfully(strace, "strace").ok());
    const auto text = read_text_file(log, Bytes{16 << 20});
    REQUIRE(text.ok());
    std::set<std::string> calls;
    std::istringstream lines(text.value());
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string process;
        std::string call;
        words >> process >> call;
        const std::size_t end = call.find('(');
        if (end != std::string::npos && analysis::syscall_number(call.substr(0, end)) >= 0)
            calls.insert(call.substr(0, end));
    }
    calls.erase("execve");
    return calls;
}

void check_found(const Compiled& compiled) {
    const analysis::Needs needs = needs_of(compiled.program);
    const std::set<std::string> found = names(needs);
    const std::set<std::string> seen = traced(compiled);
    CHECK(seen.contains("exit_group"));
    std::set<std::string> missing;
    std::set_difference(seen.begin(), seen.end(), found.begin(), found.end(),
                        std::inserter(missing, missing.begin()));
    CAPTURE(joined(found));
    CHECK(joined(missing) == "");
}

struct Case {
    const char* name;
    const char* source;
    const char* suffix;
    std::vector<std::string> compiler;
};

const Case k_cases[] = {
    {"hello, musl", k_hello, ".c", {"musl-gcc", "-static", "-O2"}},
    {"many calls, musl -O0", k_many_calls, ".c", {"musl-gcc", "-static", "-O0"}},
    {"many calls, musl -O2", k_many_calls, ".c", {"musl-gcc", "-static", "-O2"}},
    {"many calls, musl stripped", k_many_calls, ".c", {"musl-gcc", "-static", "-Os", "-s"}},
    {"many calls, glibc", k_many_calls, ".c", {"gcc", "-static", "-O2"}},
    {"many calls, glibc stripped", k_many_calls, ".c", {"gcc", "-static", "-O1", "-s"}},
    {"many calls, static-pie", k_many_calls, ".c", {"gcc", "-static-pie", "-O2"}},
    {"modern C++", k_modern, ".cpp", {"g++", "-std=c++20", "-static", "-O2"}},
    {"modern C++, stripped", k_modern, ".cpp", {"g++", "-std=c++20", "-static", "-O2", "-s"}},
};

} // namespace

TEST_CASE("every system call that strace sees was found in the code") {
    for (const Case& one : k_cases) {
        SUBCASE(one.name) {
            check_found(compile(one.source, one.compiler, one.suffix));
        }
    }
}

TEST_CASE("hello on musl needs neither network nor threads nor the profile") {
    const Compiled compiled = compile(k_hello, {"musl-gcc", "-static", "-O2"}, ".c");
    manifests::Language language;
    language.name = "c";
    language.syscalls = {"socket"};
    const analysis::Needs needs = needs_of(compiled.program, language);
    CHECK(needs.unknown.empty());
    CHECK_FALSE(needs.profile_used);
    CHECK_FALSE(needs.network);
    CHECK_FALSE(needs.threads);
    CHECK_FALSE(needs.position_independent);
    CHECK(needs.syscalls.size() < 20);
    for (const char* only_with_foreign_rights : {"open", "poll"}) {
        const auto call =
            std::find_if(needs.syscalls.begin(), needs.syscalls.end(),
                         [&](const auto& need) { return need.name == only_with_foreign_rights; });
        REQUIRE(call != needs.syscalls.end());
        CHECK(call->never_made);
        CHECK(call->reason == "in function '__init_libc', for set-user-id programs only");
    }
    CHECK(needs.loaded_size.value >= 16384);
    const auto exit = std::find_if(needs.syscalls.begin(), needs.syscalls.end(),
                                   [](const auto& need) { return need.name == "exit_group"; });
    REQUIRE(exit != needs.syscalls.end());
    CHECK(exit->reason == "in function '_Exit'");
}

TEST_CASE("threads and sockets are told from their system calls") {
    const Compiled compiled = compile(k_many_calls, {"gcc", "-static-pie", "-O2"}, ".c");
    const analysis::Needs needs = needs_of(compiled.program);
    CHECK(needs.network);
    CHECK(needs.threads);
    CHECK(needs.position_independent);
    CHECK(names(needs).contains("clock_gettime"));
}

TEST_CASE("a number from outside is an unknown site and brings in the language profile") {
    const Compiled compiled = compile(k_number_from_outside, {"musl-gcc", "-static"}, ".c");
    manifests::Language language;
    language.name = "c";
    language.syscalls = {"write", "sysinfo"};
    const analysis::Needs needs = needs_of(compiled.program, language);
    REQUIRE(needs.unknown.size() == 1);
    CHECK(needs.unknown[0].function == "main");
    CHECK(needs.profile_used);
    const auto sysinfo = std::find_if(needs.syscalls.begin(), needs.syscalls.end(),
                                      [](const auto& need) { return need.name == "sysinfo"; });
    REQUIRE(sysinfo != needs.syscalls.end());
    CHECK(sysinfo->reason == "language profile 'c'");
}

TEST_CASE("a profile with a call that Linux does not have is an error") {
    const Compiled compiled = compile(k_number_from_outside, {"musl-gcc", "-static"}, ".c");
    manifests::Language language;
    language.name = "c";
    language.syscalls = {"raed"};
    toolchain::Application application;
    application.executable = std::move(read_file(compiled.program, Bytes{1 << 20})).value();
    const auto checked = analysis::check_executable(application);
    REQUIRE(checked.ok());
    const auto needs = analysis::analyse(*checked, language);
    REQUIRE_FALSE(needs.ok());
    CHECK(needs.error().diagnostics.at(0).id == "unknown-syscall");
}

TEST_CASE("Debian's stripped busybox is analysed") {
    const analysis::Needs needs = needs_of("/bin/busybox");
    const std::set<std::string> found = names(needs);
    for (const char* call :
         {"read", "write", "socket", "clone", "uname", "getdents64", "rt_sigreturn"})
        CHECK_MESSAGE(found.contains(call), call);
    CHECK(needs.unknown.size() < 5);
}
