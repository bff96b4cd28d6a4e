// The supervision of a run, with a hypervisor that only pretends.
#include <csignal>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake_hypervisor.hpp"

namespace unik::machine::test {
namespace {

using namespace std::chrono_literals;
using Kind = Outcome::Kind;

TEST_CASE("the guest's output, errors, events and exit code arrive; nothing is left") {
    FakeRun run("exits");
    run.options.ports = {{0, 8080}};
    const Outcome outcome = run.run();
    CHECK(outcome.kind == Kind::exited);
    CHECK(outcome.exit_code == 42);
    CHECK(run.output == "hello\n");
    CHECK(run.errors == "oops\n");
    const nlohmann::json* started = run.event("started");
    const nlohmann::json* listening = run.event("listen");
    REQUIRE(started != nullptr);
    REQUIRE(listening != nullptr);
    CHECK((*listening)["host_port"] == (*started)["ports"][0]["host"]);
    CHECK((*listening)["host_port"] > 0);
    CHECK((*listening)["host_ms"] >= 0);
    CHECK(run.folder_is_empty());
}

TEST_CASE("a port on which the guest listens for itself alone has no host port") {
    FakeRun run("lies-about-ports");
    run.options.ports = {{0, 8080}};
    CHECK(run.run().exit_code == 0);
    CHECK_FALSE(run.event("listen")->contains("host_port"));
}

TEST_CASE("a guest that hangs is ended when its time is up") {
    for (std::chrono::milliseconds time = 300ms;; time *= 4) {
        FakeRun run("hangs");
        run.options.timeout = time;
        const Outcome outcome = run.run();
        CHECK(outcome.kind == Kind::timed_out);
        CHECK(outcome.exit_code == 124);
        CHECK(outcome.detail.find(fmt::format("{:.1f} s", static_cast<double>(time.count()) /
                                                              1000)) != std::string::npos);
        CHECK(run.folder_is_empty());
        const nlohmann::json* said = run.event("pid");
        if (said == nullptr && time < 60s)
            continue; // a busy machine had not started it by then
        REQUIRE(said != nullptr);
        const pid_t guest = (*said)["pid"];
        CHECK(::kill(guest, 0) != 0);
        break;
    }
}

TEST_CASE("our own SIGTERM and SIGINT ask the guest to stop") {
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
        FakeRun run("stops-when-asked");
        run.on_event = [&](const nlohmann::json& event) {
            if (event["event"] == "pid")
                ::kill(::getpid(), signal);
        };
        const Outcome outcome = run.run();
        CHECK(outcome.kind == Kind::stopped);
        CHECK(outcome.exit_code == 143);
        CHECK(run.output == "bye\n");
    }
}

TEST_CASE("a guest that does not heed the stop request is killed after the grace period") {
    FakeRun run("hangs");
    run.options.grace = 200ms;
    run.on_event = [&](const nlohmann::json& event) {
        if (event["event"] == "pid")
            ::kill(::getpid(), SIGTERM);
    };
    const Outcome outcome = run.run();
    CHECK(outcome.kind == Kind::stopped);
    CHECK(outcome.exit_code == 137);
    CHECK(run.folder_is_empty());
}

TEST_CASE("a second signal, half a second later, kills at once") {
    FakeRun run("stops-unwillingly");
    run.options.grace = 1h;
    run.on_event = [&](const nlohmann::json& event) {
        if (event["event"] == "pid" || event["event"] == "later")
            ::kill(::getpid(), SIGINT);
    };
    const Outcome outcome = run.run();
    CHECK(outcome.kind == Kind::stopped);
    CHECK(outcome.exit_code == 137);
    CHECK(outcome.detail == "the guest was killed before it had stopped");
    CHECK(run.folder_is_empty());
}

TEST_CASE("the same signal that arrives twice at once is one request") {
    FakeRun run("stops-when-asked");
    run.options.grace = 1h;
    run.on_event = [&](const nlohmann::json& event) {
        if (event["event"] == "pid") {
            ::kill(::getpid(), SIGINT);
            ::kill(::getpid(), SIGTERM);
        }
    };
    CHECK(run.run().exit_code == 143);
}

TEST_CASE("a panic is an outcome of its own") {
    FakeRun run("panics");
    const Outcome outcome = run.run();
    CHECK(outcome.kind == Kind::panicked);
    CHECK(outcome.exit_code == 1);
    CHECK(outcome.detail == "the library OS panicked: out of frames");
}

TEST_CASE("a hypervisor that does not end after a panic is killed") {
    FakeRun run("panics-and-hangs");
    CHECK(run.run().kind == Kind::panicked);
}

TEST_CASE("a fatal signal gives 128 and the signal") {
    FakeRun run("faults");
    const Outcome outcome = run.run();
    CHECK(outcome.kind == Kind::fault);
    CHECK(outcome.exit_code == 139);
}

TEST_CASE("garbage on the control channel is complained of once and does no harm") {
    FakeRun run("sends-garbage");
    const Outcome outcome = run.run();
    CHECK(outcome.kind == Kind::exited);
    CHECK(outcome.exit_code == 3);
    std::size_t warnings = 0;
    for (const nlohmann::json& event : run.events) {
        if (event["event"] == "warning" && event.value("id", "") == "control-channel")
            ++warnings;
        if (event["event"] == "warning" && !event.contains("id"))
            CHECK(event["message"] == "?[31mred???");
    }
    CHECK(warnings == 1);
}

TEST_CASE("a hypervisor that fails to start is quoted") {
    FakeRun run("fails-to-start");
    const Outcome outcome = run.run();
    CHECK(outcome.kind == Kind::hypervisor_failed);
    CHECK(outcome.exit_code == 1);
    CHECK(outcome.detail.find("no such machine ?[31m'fake'") != std::string::npos);
    CHECK(run.folder_is_empty());
}

TEST_CASE("a hypervisor that is not installed is a missing tool") {
    FakeRun run("exits");
    ::setenv("UNIK_QEMU", "/absent/qemu", 1);
    const auto result = machine::run(run.options, run.target, {});
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().exit_code == ExitCode::missing_tool);
    CHECK(run.folder_is_empty());
}

TEST_CASE("when a picked port is taken meanwhile, another one is picked") {
    FakeRun run("finds-the-port-taken");
    run.options.ports = {{0, 8080}};
    CHECK(run.run().exit_code == 42);
}

TEST_CASE("when a port that the user named is taken, the message says what to do") {
    FakeRun run("finds-the-port-taken");
    run.options.ports = {{1, 8080}};
    const Outcome outcome = run.run();
    CHECK(outcome.kind == Kind::hypervisor_failed);
    CHECK(outcome.detail.find("choose another with -p") != std::string::npos);
}

TEST_CASE("a machine that ends without a word is not taken for a success") {
    FakeRun run("resets");
    const Outcome outcome = run.run();
    CHECK(outcome.kind == Kind::panicked);
    CHECK(outcome.exit_code == 1);
    CHECK(run.output == "booting\n");
}

TEST_CASE("our standard input reaches the guest in lines, and its end does") {
    FakeRun run("echoes");
    run.options.input = Input::forward;
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const int before = ::dup(STDIN_FILENO);
    ::dup2(ends[0], STDIN_FILENO);
    REQUIRE(::write(ends[1], "some words", 10) == 10);
    ::close(ends[1]);
    CHECK(run.run().exit_code == 0);
    ::dup2(before, STDIN_FILENO);
    ::close(before);
    ::close(ends[0]);
    CHECK(run.output == "got some words\nthen 4\n");
}

TEST_CASE("the configuration travels in a private file") {
    FakeRun run("shows-its-configuration");
    run.options.arguments = {"-v", "two words"};
    run.options.environment = {{"TOKEN", "secret"}};
    run.on_event = [&](const nlohmann::json& event) {
        if (event["event"] != "started")
            return;
        for (const auto& entry :
             std::filesystem::recursive_directory_iterator(run.folder.path() / "run")) {
            if (entry.path().filename() == "configuration")
                CHECK((entry.status().permissions() & std::filesystem::perms::all) ==
                      std::filesystem::perms(0600));
        }
    };
    CHECK(run.run().exit_code == 0);
    CHECK(run.output ==
          std::string("console=split\0arg=-v\0arg=two words\0env=TOKEN=secret\0", 52));
}

TEST_CASE("output is complete however much there is") {
    FakeRun run("writes-much");
    CHECK(run.run().exit_code == 0);
    CHECK(run.output.size() == 256 * 16384);
}

// Waits for a process that has become ours (PR_SET_CHILD_SUBREAPER), five seconds at most.
bool ends_soon(pid_t process) {
    const auto deadline = std::chrono::steady_clock::now() + 5s;
    while (std::chrono::steady_clock::now() < deadline) {
        if (::waitpid(process, nullptr, WNOHANG) == process)
            return true;
        ::usleep(1000);
    }
    return false;
}

TEST_CASE("when unik is killed, the hypervisor dies and the next run clears its folder away") {
    REQUIRE(::prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
    FakeRun run("hangs");
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t unik = ::fork();
    if (unik == 0) {
        run.on_event = [&](const nlohmann::json& event) {
            if (event["event"] != "pid")
                return;
            const pid_t guest = event["pid"];
            (void)!::write(ends[1], &guest, sizeof guest);
        };
        (void)run.run();
        ::_exit(0);
    }
    pid_t guest = 0;
    REQUIRE(::read(ends[0], &guest, sizeof guest) == sizeof guest);
    CHECK(::kill(guest, 0) == 0);
    ::kill(unik, SIGKILL);
    ::waitpid(unik, nullptr, 0);
    CHECK(ends_soon(guest));
    ::prctl(PR_SET_CHILD_SUBREAPER, 0);
    ::close(ends[0]);
    ::close(ends[1]);
    CHECK_FALSE(run.folder_is_empty());
    ::setenv("UNIK_FAKE_GUEST", "exits", 1);
    CHECK(run.run().exit_code == 42);
    CHECK(run.folder_is_empty());
}

} // namespace
} // namespace unik::machine::test
