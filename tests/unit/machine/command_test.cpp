// What the hypervisor is told.
#include <algorithm>

#include <doctest/doctest.h>

#include <machine/accelerator.hpp>
#include <machine/configuration.hpp>
#include <machine/ports.hpp>
#include <machine/qemu_command.hpp>

#include "fake_hypervisor.hpp"

namespace unik::machine::test {
namespace {

using Words = std::vector<std::string>;

bool follows(const Words& words, const std::string& first, const std::string& second) {
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        if (words[i] == first && words[i + 1] == second)
            return true;
    }
    return false;
}

struct Case {
    RunOptions options;
    manifests::Target target;
    Launch launch;

    Case() {
        options.bundle = "/b/a,b.unik";
        options.memory = Bytes{(1 << 20) + 1};
        options.cpus = 2;
        target.name = "fake";
        target.disk_format = "qcow2";
        target.machines = {{"kernel", {"-machine", "microvm", "-kernel", "${KERNEL}"}},
                           {"disk", {"-drive", "file=${DISK},format=${FORMAT}"}}};
        launch.program = "qemu";
        launch.folder = "/run/u";
        launch.disk = "/b/a,b.unik/disk.qcow2";
    }
    Words words() const {
        auto command = qemu_command(options, target, launch);
        REQUIRE(command.ok());
        return command.value();
    }
};

TEST_CASE("memory, CPUs, accelerator and ports are in the command") {
    Case c;
    c.launch.ports = {{8080, 80, unikfile::Protocol::tcp}, {5353, 53, unikfile::Protocol::udp}};
    const Words words = c.words();
    CHECK(words[0] == "qemu");
    CHECK(follows(words, "-m", "1025K"));
    CHECK(follows(words, "-smp", "2"));
    CHECK(follows(words, "-accel", "tcg"));
    CHECK(follows(words, "-cpu", "max"));
    CHECK(follows(words, "-netdev",
                  "user,id=net0,hostfwd=tcp:127.0.0.1:8080-:80,hostfwd=udp:127.0.0.1:5353-:53"));
    CHECK(follows(words, "-device", "isa-serial,index=2,chardev=error"));
    CHECK(follows(words, "-chardev", "socket,id=control,path=/run/u/control"));
    c.launch.accelerator = Accelerator::kvm;
    CHECK(follows(c.words(), "-cpu", "host"));
}

TEST_CASE("a file name of its own is taken as it is, in a list of options its commas are doubled") {
    Case c;
    CHECK(follows(c.words(), "-kernel", "/b/a,b.unik/kernel.elf"));
    c.options.boot = BootWay::disk;
    CHECK(follows(c.words(), "-drive", "file=/b/a,,b.unik/disk.qcow2,format=qcow2"));
}

TEST_CASE("the user's own arguments come last") {
    Case c;
    c.options.qemu_arguments = {"-d", "int"};
    const Words words = c.words();
    CHECK(words[words.size() - 2] == "-d");
    CHECK(words.back() == "int");
}

TEST_CASE("a way to boot that the target does not have is refused") {
    Case c;
    c.target.machines.erase("disk");
    c.options.boot = BootWay::disk;
    const auto command = qemu_command(c.options, c.target, c.launch);
    REQUIRE_FALSE(command.ok());
    CHECK(command.error().diagnostics[0].id == "unsupported-boot");
}

TEST_CASE("no variable of the environment is in the command line") {
    FakeRun run("exits");
    run.options.environment = {{"TOKEN", "hush"}};
    const auto command = command_line(run.options, run.target);
    REQUIRE(command.ok());
    for (const std::string& word : command.value())
        CHECK(word.find("hush") == std::string::npos);
    CHECK(run.folder_is_empty());
}

TEST_CASE("a bundle without a disk for the target is refused") {
    FakeRun run("exits");
    run.options.boot = BootWay::disk;
    run.target.name = "other";
    const auto result = command_line(run.options, run.target);
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().diagnostics[0].id == "no-disk");
}

TEST_CASE("free ports are picked, each once, and named ones are kept") {
    const auto ports = pick_ports({{0, 80}, {1234, 81}, {0, 82}, {0, 83, unikfile::Protocol::udp}});
    REQUIRE(ports.ok());
    CHECK((*ports)[1].host == 1234);
    CHECK((*ports)[0].host != 0);
    CHECK((*ports)[0].host != (*ports)[2].host);
    CHECK((*ports)[3].host != 0);
}

TEST_CASE("a zero byte cannot be smuggled into the configuration") {
    RunOptions options;
    options.environment = {{"A", std::string("b\0arg=c", 7)}};
    CHECK_FALSE(configuration_records(options).ok());
}

TEST_CASE("the CPU's extensions for virtual machines are read from its flags") {
    CHECK(shows_virtualisation("processor : 0\nflags\t\t: fpu vmx sse\n"));
    CHECK(shows_virtualisation("flags : svm"));
    CHECK_FALSE(shows_virtualisation("flags : fpu sse vmxoff\nbugs : svm\n"));
    CHECK_FALSE(shows_virtualisation(""));
}

} // namespace
} // namespace unik::machine::test
