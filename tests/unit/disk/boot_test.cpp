// The boot record in QEMU: SeaBIOS, several controllers, and what goes wrong.
#include "fixture.hpp"

#include <disk/boot_record.hpp>
#include <disk/gpt.hpp>
#include <efi/kernel_file.hpp>

#include "difficult_bios.hpp"

namespace unik::disk::test {
namespace {

std::vector<std::string> machine_of(const std::string& machine, const std::string& drive,
                                    const std::string& memory, std::vector<std::string> more) {
    std::vector<std::string> arguments{"qemu-system-x86_64",
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
    return arguments;
}

Completed boot(const std::string& machine, const std::string& drive, const std::string& memory,
               std::vector<std::string> more = {}) {
    return tool(machine_of(machine, drive, memory, std::move(more)));
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

TEST_CASE("an ISO image boots as a CD and as a disk") {
    const Fixture fixture;
    const std::string file = fixture.write_disk("disk.iso", "iso").string();
    SUBCASE("pc, IDE CD") {
        check_booted(boot("pc", "file=" + file + ",format=raw,media=cdrom", "32M"));
    }
    SUBCASE("q35, AHCI CD") {
        check_booted(boot("q35", "file=" + file + ",format=raw,media=cdrom", "32M"));
    }
    SUBCASE("SCSI CD beside another disk") {
        const std::string other = fixture.path("other.raw").string();
        must(write_file(other, std::string(1 << 20, '\0')));
        check_booted(boot("pc", "file=" + other + ",format=raw", "32M",
                          {"-device", "virtio-scsi-pci", "-drive",
                           "file=" + file + ",format=raw,if=none,id=cd", "-device",
                           "scsi-cd,drive=cd,bootindex=0"}));
    }
    SUBCASE("q35, AHCI disk") {
        check_booted(boot("q35", "file=" + file + ",format=raw", "32M"));
    }
}

// The same disk with its second stage and its kernel beyond what 32 bits of sector number reach.
TEST_CASE("a disk of 3 TiB boots from its end") {
    const Fixture fixture;
    constexpr std::uint64_t k_far = (5ULL << 39) / k_sector_size; // 2.5 TiB
    const auto kernel = must(efi::read_kernel_file(fixture.kernel));
    const BootRecord record =
        must(fill_boot_record(fixture.record, kernel, "far", {k_far, k_far + 1000}));
    Layout far(Bytes{3ULL << 40});
    ByteVector sector(record.mbr_code);
    sector.resize(k_sector_size);
    sector[510] = 0x55;
    sector[511] = 0xaa;
    far.add(0, std::move(sector));
    far.add(k_far * k_sector_size, record.stage_two);
    far.add((k_far + 1000) * k_sector_size, ByteSpan(fixture.kernel));
    must(fixture.write(far, "disk.qcow2", "qcow2"));
    const std::string file = fixture.path("disk.qcow2").string();
    CHECK(std::filesystem::file_size(file) < 4 << 20);
    check_booted(boot("q35", "file=" + file + ",format=qcow2", "32M"));
    check_booted(boot("pc", "file=" + file + ",format=qcow2,if=virtio", "32M"));
}

TEST_CASE("the boot record copes with difficult BIOSes") {
    const Fixture fixture;
    const Layout disk = must(fixture.lay_out());
    const auto check = [&](const DifficultBios& bios) {
        Layout layout = behind(bios, disk);
        must(fixture.write(layout, "disk.raw", "raw"));
        check_booted(
            boot("pc", "file=" + fixture.path("disk.raw").string() + ",format=raw", "32M"));
    };
    SUBCASE("none at all") {
        check({});
    }
    SUBCASE("sectors of 1, 2 and 4 KiB") {
        for (const std::uint16_t shift : std::initializer_list<std::uint16_t>{1, 2, 3})
            check({.sector_shift = shift});
    }
    SUBCASE("few sectors at once, or else an error") {
        check({.most = 10});
    }
    SUBCASE("few sectors at once, and no error") {
        check({.at_once = 13});
    }
    SUBCASE("few large sectors at once") {
        check({.sector_shift = 3, .at_once = 2});
    }
    SUBCASE("a read in three fails, and leaves nonsense as the count") {
        check({.fail_each = 3});
    }
}

// The first line on the serial port; the machine stands still behind it, and is ended.
std::string complaint(const std::filesystem::path& file, const std::string& memory = "32M",
                      std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{
        "sh", "-c",
        "{ timeout 60 \"$@\" & echo $!; wait; } | { read process; head -n 1; kill $process; }",
        "sh"};
    for (std::string& argument :
         machine_of("pc", "file=" + file.string() + ",format=raw", memory, std::move(more)))
        arguments.push_back(std::move(argument));
    const Completed result = tool(std::move(arguments));
    return result.output.substr(0, result.output.find("\r\n"));
}

TEST_CASE("what makes booting impossible is said") {
    Fixture fixture;
    const auto disk_of = [&](const DifficultBios& bios) {
        const Layout disk = must(fixture.lay_out());
        Layout layout = behind(bios, disk);
        must(fixture.write(layout, "disk.raw", "raw"));
        return fixture.path("disk.raw");
    };
    const std::string prefix = "unik: cannot boot: ";
    SUBCASE("a BIOS without extensions") {
        CHECK(complaint(disk_of({.no_extensions = 1})) ==
              prefix + "this BIOS has no INT 13h extensions");
    }
    SUBCASE("a disk whose boot partition cannot be read") {
        CHECK(complaint(disk_of({.end = 40})) ==
              prefix + "the disk cannot be read (BIOS error 40h)");
    }
    SUBCASE("a disk whose kernel cannot be read to its end") {
        CHECK(complaint(disk_of({.end = 500})) ==
              prefix + "the disk cannot be read (BIOS error 40h)");
    }
    SUBCASE("a disk that is cut off") {
        const auto file = fixture.write_disk("disk.raw", "raw");
        std::filesystem::resize_file(file, 64 * 1024);
        CHECK(complaint(file) == prefix + "the disk cannot be read (BIOS error 01h)");
    }
    SUBCASE("a damaged second stage") {
        const auto file = fixture.write_disk("disk.raw", "raw");
        ByteVector bytes = must(read_file(file, Bytes{8 << 20}));
        bytes[40 * 512 + 3000] ^= 1;
        must(write_file(file, bytes));
        CHECK(complaint(file) == prefix + "its boot partition is damaged");
    }
    SUBCASE("too little memory") {
        fixture.kernel = make_test_kernel({.zero_size = 4 << 20});
        CHECK(complaint(fixture.write_disk("disk.raw", "raw"), "3M") ==
              prefix + "too little memory for the kernel; give the machine more than 7 MiB");
    }
    SUBCASE("a CPU of 32 bits") {
        CHECK(complaint(fixture.write_disk("disk.raw", "raw"), "32M", {"-cpu", "qemu32"}) ==
              prefix + "this CPU is not a 64-bit one (x86-64); give the machine another");
    }
    SUBCASE("a CPU without CPUID's extended functions") {
        CHECK(complaint(fixture.write_disk("disk.raw", "raw"), "32M", {"-cpu", "pentium"}) ==
              prefix + "this CPU is not a 64-bit one (x86-64); give the machine another");
    }
}

} // namespace
} // namespace unik::disk::test
