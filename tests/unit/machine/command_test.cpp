// What the hypervisor is told.
#include <algorithm>

#include <doctest/doctest.h>

#include <machine/accelerator.hpp>
#include <machine/boot_files.hpp>
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
    manifests::Hardware machine, firmware, controller, card, rng;
    Launch launch;

    Case() {
        options.memory = Bytes{(1 << 20) + 1};
        options.cpus = 2;
        machine.name = "q35";
        machine.bus = "pci";
        machine.qemu = {{"any", {"-machine", "q35"}}};
        firmware.qemu = {{"any", {"-kernel", "${KERNEL}", "-drive", "file=${CODE}"}}};
        controller.qemu = {{"pci", {"-device", "fake-pci"}}, {"mmio", {"-device", "fake-mmio"}}};
        card.qemu = {{"pci", {"-device", "net-pci"}}, {"q35", {"-device", "net-q35"}}};
        rng.qemu = {{"mmio", {"-device", "rng-mmio"}}};
        options.setup = {&firmware, &machine, &controller, &card, {&rng}};
        launch.program = "qemu";
        launch.folder = "/run/u";
        launch.kernel = "/b/a,b.unik/kernel.elf";
        launch.disk = "/b/a,b.unik/disk.qcow2";
        launch.disk_format = "qcow2";
        launch.files = {{"CODE", "/f/o,vmf.fd"}};
    }
    Words words() const { return qemu_command(options, launch); }
};

bool holds(const Words& words, const std::string& word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

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
    const Case c;
    CHECK(follows(c.words(), "-kernel", "/b/a,b.unik/kernel.elf"));
    CHECK(follows(c.words(), "-drive", "file=/f/o,,vmf.fd"));
    CHECK(follows(c.words(), "-drive",
                  "file=/b/a,,b.unik/disk.qcow2,format=qcow2,if=none,id=disk0,snapshot=on"));
}

TEST_CASE("a piece of hardware gives its arguments for the machine, its bus, or none") {
    Case c;
    CHECK(follows(c.words(), "-machine", "q35"));
    CHECK(follows(c.words(), "-device", "fake-pci"));
    CHECK(follows(c.words(), "-device", "net-q35"));
    CHECK_FALSE(holds(c.words(), "rng-mmio"));
    c.machine.name = "microvm";
    c.machine.bus = "mmio";
    CHECK(follows(c.words(), "-device", "fake-mmio"));
    CHECK(follows(c.words(), "-device", "rng-mmio"));
    CHECK_FALSE(holds(c.words(), "net-pci"));
}

TEST_CASE("a machine without a card has no network, one without a disk no controller") {
    Case c;
    c.options.setup.network = nullptr;
    c.launch.disk.clear();
    for (const char* word : {"-netdev", "net-q35", "fake-pci"})
        CHECK_FALSE(holds(c.words(), word));
}

TEST_CASE("the user's own arguments come last") {
    Case c;
    c.options.qemu_arguments = {"-d", "int"};
    const Words words = c.words();
    CHECK(words[words.size() - 2] == "-d");
    CHECK(words.back() == "int");
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

TEST_CASE("a bundle that was not built for the target is refused") {
    FakeRun run("exits");
    run.target.name = "other";
    const auto result = command_line(run.options, run.target);
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().diagnostics[0].id == "no-disk");
    CHECK(result.error().diagnostics[0].hint == "build it with --target other");
}

TEST_CASE("an image that QEMU opens is taken before one that has to be unpacked") {
    bundle::Image image;
    image.disks = {{"cloud:gce", "disk-cloud.tar.gz"}};
    manifests::Target target;
    target.name = "cloud";
    target.images = {"gce", "vhd"};
    CHECK(disk_of(image, "/b", target)->path == "/b/disk-cloud.tar.gz");
    CHECK(disk_of(image, "/b", target)->qemu_format.empty());
    image.disks["cloud:vhd"] = "disk-cloud.vhd";
    const auto disk = disk_of(image, "/b", target);
    REQUIRE(disk.ok());
    CHECK(disk->path == "/b/disk-cloud.vhd");
    CHECK(disk->qemu_format == "vpc");
}

TEST_CASE("of a firmware's files the first alternative that is there is taken") {
    manifests::Hardware firmware;
    firmware.name = "uefi";
    firmware.packages = {"ovmf"};
    CHECK(check_files(firmware).ok());
    firmware.files = {{{"CODE", "/nonexistent/a.fd"}}, {{"CODE", "/proc/self/exe"}}};
    CHECK(files_of(firmware).at("CODE") == "/proc/self/exe");
    CHECK(check_files(firmware).ok());
    firmware.files.pop_back();
    CHECK(files_of(firmware).at("CODE") == "/nonexistent/a.fd");
    const auto checked = check_files(firmware);
    REQUIRE_FALSE(checked.ok());
    CHECK(checked.error().exit_code == ExitCode::missing_tool);
    CHECK(checked.error().diagnostics[0].hint == "install it: apt-get install ovmf");
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
