// The boot record in QEMU: SeaBIOS, several controllers, and what goes wrong.
#include "fixture.hpp"

namespace unik::disk::test {
namespace {

Completed boot(const std::string& machine, const std::string& drive, const std::string& memory,
               std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"timeout",
                                       "20",
                                       "qemu-system-x86_64",
                                       "-accel",
                                       "tcg",
                                       "-machine",
                                       machine,
                                       "-m",
                                       memory,
                                       "-nodefaults",
                                       "-display",
                                       "none",
                                       "-no-reboot",
                                       "-serial",
                                       "stdio",
                                       "-device",
                                       "isa-debug-exit,iobase=0xf4,iosize=0x04",
                                       "-drive",
                                       drive};
    arguments.insert(arguments.end(), more.begin(), more.end());
    Command command;
    command.arguments = std::move(arguments);
    return must(run(command));
}

void check_booted(const Completed& result) {
    CHECK(result.output.find(k_test_kernel_greeting) != std::string::npos);
    CHECK(result.exit_status == k_test_kernel_status);
    INFO(result.output);
}

TEST_CASE("a raw disk boots on pc and q35 from any controller that the BIOS reads") {
    const Fixture fixture;
    const std::string file = fixture.write_disk("disk.raw", "raw").string();
    SUBCASE("pc, IDE") {
        check_booted(boot("pc", "file=" + file + ",format=raw", "32M"));
    }
    SUBCASE("q35, AHCI") {
        check_booted(boot("q35", "file=" + file + ",format=raw", "32M"));
    }
    SUBCASE("q35, virtio-blk") {
        check_booted(boot("q35", "file=" + file + ",format=raw,if=virtio", "32M"));
    }
    SUBCASE("pc, virtio-blk, more than 4 GiB of memory") {
        check_booted(boot("pc", "file=" + file + ",format=raw,if=virtio", "5G"));
    }
}

TEST_CASE("a qcow2 disk boots") {
    const Fixture fixture;
    const std::string file = fixture.write_disk("disk.qcow2", "qcow2").string();
    check_booted(boot("q35", "file=" + file + ",format=qcow2", "32M"));
}

TEST_CASE("a disk that is not the first one boots") {
    const Fixture fixture;
    const std::string file = fixture.write_disk("disk.raw", "raw").string();
    const std::string other = fixture.path("other.raw").string();
    must(write_file(other, std::string(1 << 20, '\0')));
    check_booted(boot("pc", "file=" + other + ",format=raw", "32M",
                      {"-drive", "file=" + file + ",format=raw,if=none,id=second", "-device",
                       "virtio-blk-pci,drive=second,bootindex=0"}));
}

TEST_CASE("the boot record says on the screen what starts") {
    const Fixture fixture;
    const std::string file = fixture.write_disk("disk.raw", "raw").string();
    Command command; // without a display, SeaBIOS copies the screen to the first serial port
    command.arguments = {"timeout",
                         "20",
                         "qemu-system-x86_64",
                         "-nographic",
                         "-monitor",
                         "none",
                         "-device",
                         "isa-debug-exit,iobase=0xf4,iosize=0x04",
                         "-drive",
                         "file=" + file + ",format=raw"};
    const Completed result = must(run(command));
    CHECK(result.output.find("unik: starting example; its console is the first serial port") !=
          std::string::npos);
    CHECK(result.exit_status == k_test_kernel_status);
}

TEST_CASE("a kernel that does not fit into memory is refused with a message") {
    Fixture fixture;
    fixture.kernel = make_test_kernel({.zero_size = 4 << 20});
    const std::string file = fixture.write_disk("disk.raw", "raw").string();
    // The guest halts; timeout(1) ends QEMU with status 124.
    Command command;
    command.arguments = {"timeout",
                         "5",
                         "qemu-system-x86_64",
                         "-accel",
                         "tcg",
                         "-m",
                         "3M",
                         "-nodefaults",
                         "-serial",
                         "stdio",
                         "-display",
                         "none",
                         "-drive",
                         "file=" + file + ",format=raw"};
    const Completed result = must(run(command));
    CHECK(result.output.find("unik: cannot boot: too little memory for the kernel; give the "
                             "machine more than 7 MiB\r\n") != std::string::npos);
    CHECK(result.exit_status == 124);
}

TEST_CASE("a disk that is cut off behind its boot record says that it cannot be read") {
    const Fixture fixture;
    const std::string file = fixture.write_disk("disk.raw", "raw").string();
    std::filesystem::resize_file(file, 64 * 1024);
    Command command;
    command.arguments = {"timeout",
                         "5",
                         "qemu-system-x86_64",
                         "-accel",
                         "tcg",
                         "-m",
                         "32M",
                         "-nodefaults",
                         "-serial",
                         "stdio",
                         "-display",
                         "none",
                         "-drive",
                         "file=" + file + ",format=raw"};
    const Completed result = must(run(command));
    CHECK(result.output.find("unik: cannot boot: the disk cannot be read") != std::string::npos);
}

} // namespace
} // namespace unik::disk::test
