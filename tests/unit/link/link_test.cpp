// Links small stand-ins for components with a small program, and looks at what comes out with the
// eyes of the kernel: the tables, the addresses, the segments.
#include <cstdlib>

#include <elf/notes.hpp>

#include "world.hpp"

namespace {

// $PATH with the GNU linker alone, for as long as this lives.
class OnlyGnuLinker {
public:
    OnlyGnuLinker()
        : path_(std::getenv("PATH")),
          folder_(std::move(TemporaryDirectory::create("unik-path-")).value()) {
        std::filesystem::create_symlink(*find_program("ld"), folder_.path() / "ld");
        ::setenv("PATH", folder_.path().c_str(), 1);
    }
    ~OnlyGnuLinker() { ::setenv("PATH", path_.c_str(), 1); }

private:
    std::string path_;
    TemporaryDirectory folder_;
};

void check_image(const Image& image, const elf::ElfFile& program) {
    const auto header = image.read<vocabulary::ImageHeader>(image.symbol("unik_image"));
    CHECK(header.magic == vocabulary::k_image_magic);
    CHECK(header.start_step_count == 2);
    CHECK(header.driver_count == 1);
    CHECK(header.filesystem_count == 2);
    CHECK(header.entry == program.entry());
    CHECK(image.text(header.name) == "test");
    CHECK(image.text(header.version).empty());
    const ByteVector configuration = image.bytes(header.configuration, header.configuration_size);
    CHECK(std::string(configuration.begin(), configuration.end()) ==
          std::string("arg=/bin/test\0arg=-v\0env=HOME=/\0hostname=test\0", 46));

    const std::uint64_t steps = image.symbol("unik_start_steps");
    const auto second = image.read<vocabulary::StartStep>(steps + sizeof(vocabulary::StartStep));
    CHECK(image.text(second.name) == "files");
    CHECK(second.function == image.symbol("_ZN2os5files5startEv"));

    CHECK(header.syscall_count == 1);
    const auto read = image.read<vocabulary::SyscallHandlerWord>(image.symbol("unik_syscalls"));
    CHECK((0xffffffff00000000 | read) == image.symbol("_ZN2os5files4readERNS_16SyscallArgumentsE"));
    CHECK(header.syscall_provider_count == 2);
    CHECK(header.syscall_name_count > 400);
    const char names[] = "files\0sockets\0\001read\0\001write\0\0open\0\0close";
    const ByteVector text = image.bytes(image.symbol("unik_syscall_names"), sizeof(names));
    CHECK(std::string(text.begin(), text.end()) == std::string(names, sizeof(names)));

    const auto driver = image.read<vocabulary::DriverEntry>(image.symbol("unik_drivers"));
    CHECK(image.text(driver.match) == "virtio:1");
    CHECK(driver.attach == image.symbol("_ZN2os5files6attachERNS_6DeviceE"));
    const auto root = image.read<vocabulary::FilesystemEntry>(image.symbol("unik_filesystems"));
    CHECK(image.text(root.mount_point) == "/");
    CHECK(root.mount == image.symbol("_ZN2os5files5mountEPKc"));
}

void check_segments(const Image& image, const elf::ElfFile& program) {
    const auto header = image.read<vocabulary::ImageHeader>(image.symbol("unik_image"));
    std::uint32_t index = 0;
    for (const elf::Segment& segment : program.segments()) {
        if (segment.type != elf::k_segment_load)
            continue;
        const auto record = image.read<vocabulary::SegmentRecord>(
            image.symbol("unik_segments") + index++ * sizeof(vocabulary::SegmentRecord));
        CHECK(record.address == segment.address);
        CHECK(record.memory_size == segment.memory_size);
        CHECK(record.file_size == segment.file_size);
        CHECK(record.flags == segment.flags);
        CHECK(record.alignment_log2 == 12);
        CHECK(record.data % 4096 == record.address % 4096);
        const ByteSpan expected = program.content(segment);
        CHECK(image.bytes(record.data, record.file_size) ==
              ByteVector(expected.begin(), expected.end()));
        const std::string region =
            (segment.flags & 2) != 0 ? "unik_application_data" : "unik_application";
        CHECK(record.data >= image.symbol(region + "_start"));
        CHECK(record.data + record.file_size <= image.symbol(region + "_end"));
    }
    CHECK(header.segment_count == index);
    CHECK(header.program_header_count == program.segments().size());
    CHECK(header.program_headers % 4096 == 64);
}

void check_layout(const Image& image) {
    const char* const regions[] = {"text", "rodata",           "application",
                                   "data", "application_data", "bss"};
    CHECK(image.symbol("unik_kernel_start") == 0xffffffff80100000);
    std::uint64_t end = image.symbol("unik_kernel_start");
    for (const char* region : regions) {
        CAPTURE(region);
        const std::uint64_t start = image.symbol(std::string("unik_") + region + "_start");
        CHECK(start % 4096 == 0);
        CHECK(start >= end);
        end = image.symbol(std::string("unik_") + region + "_end");
        CHECK(end >= start);
    }
    CHECK(image.symbol("unik_kernel_end") >= end);
    std::uint64_t before = 0;
    std::size_t notes = 0;
    for (const elf::Segment& segment : image.stripped().segments()) {
        if (segment.type == elf::k_segment_note) {
            ++notes;
            CHECK(segment.file_size == 24);
            CHECK(std::memcmp(image.stripped().content(segment).data() + 12, "Xen", 4) == 0);
            continue;
        }
        CHECK(segment.type == elf::k_segment_load);
        CHECK(segment.physical_address == segment.address);
        CHECK(segment.physical_address >= before);
        CHECK((segment.flags & 3) != 3);
        before = segment.physical_address + segment.memory_size;
    }
    CHECK(notes == 1);
    CHECK(image.stripped().sections().empty());
    CHECK(image.stripped().entry() == image.symbol("unik_entry32") - 0xffffffff80000000);
}

} // namespace

TEST_CASE("tables, segments and layout are what the kernel expects") {
    World world;
    const link::Kernel kernel = linked(world);
    const Image image(kernel);
    check_image(image, world.program());
    check_segments(image, world.program());
    check_layout(image);
    CHECK(image.read<vocabulary::ImageHeader>(image.symbol("unik_image")).program_kind ==
          vocabulary::ProgramKind::fixed);
}

TEST_CASE("the GNU linker gives the same") {
    World world;
    link::Kernel kernel;
    {
        const OnlyGnuLinker only;
        kernel = linked(world);
    }
    const Image image(kernel);
    check_image(image, world.program());
    check_segments(image, world.program());
    check_layout(image);
}

TEST_CASE("a position-independent program keeps its relative addresses") {
    World world(true);
    const link::Kernel kernel = linked(world);
    const Image image(kernel);
    check_image(image, world.program());
    check_segments(image, world.program());
    CHECK(image.read<vocabulary::ImageHeader>(image.symbol("unik_image")).program_kind ==
          vocabulary::ProgramKind::position_independent);
    CHECK(image.symbol("pie:_start") == world.program().entry());
    CHECK(image.symbol("_start") == 0);
}

TEST_CASE("the debug file names the program's functions, the stripped one names nothing") {
    World world;
    const link::Kernel kernel = linked(world);
    const Image image(kernel);
    CHECK(image.symbol("_start") == world.program().entry());
    CHECK(image.stripped().symbols().empty());
    CHECK(kernel.stripped.size() < kernel.debug.size());
}

TEST_CASE("what nobody uses is dropped, and the sizes say what is left") {
    World world;
    const rootfs::RootFs root = world.add_root(vocabulary::RootPlace::embedded);
    const link::Kernel kernel = linked(world);
    const Image image(kernel);
    CHECK(image.symbol("_ZN2os5files17nobody_calls_thisEi") == 0);
    CHECK(image.symbol("_ZN2os5files5writeERNS_16SyscallArgumentsE") == 0);
    std::map<std::string, std::uint64_t> sizes;
    for (const auto& entry : kernel.sizes)
        sizes[entry.name] = entry.size.value;
    CHECK(sizes["files"] == root.bytes().size());
    CHECK(sizes["application"] > 0);
    CHECK(sizes["tables"] > sizeof(vocabulary::ImageHeader));
    CHECK(sizes["tables"] < 8000);
    CHECK(sizes["boot"] > 0);
    CHECK(sizes["boot"] < 200);
}

TEST_CASE("two links give the same bytes, and no path gets into them") {
    World one;
    World two;
    const link::Kernel first = linked(one);
    const link::Kernel second = linked(two);
    CHECK(first.stripped == second.stripped);
    CHECK(first.linker_script == second.linker_script);
    const std::string bytes(first.debug.begin(), first.debug.end());
    CHECK(bytes.find("unik-link") == std::string::npos);
}

TEST_CASE("a boot record is left out of the kernel") {
    World world;
    components::Component& record = world.component("record", "int unused;");
    record.boot_record = true;
    const link::Kernel kernel = linked(world);
    for (const auto& entry : kernel.sizes)
        CHECK(entry.name != "record");
}

TEST_CASE("code for the image's start comes first, and each front door's note is kept") {
    const char* const door = R"source(asm(R"(
        .section .text.other, "ax"
    other_entry: ret
        .section .boot.head.test, "ax"
        .globl test_head
    test_head: jmp other_entry
        .section .note.unik, "a", @note
        .balign 4
        .long 5, 8, 1
        .asciz "unik"
        .balign 4
        .quad other_entry - 0xffffffff80000000
    )");)source";
    World both;
    both.component("door", door);
    World alone; // no PVH entry
    alone.component("boot", R"(extern "C" char unik_image[];
        namespace os { namespace boot { char* start() { return unik_image; } } })");
    alone.component("door", door);
    for (World* world : {&both, &alone}) {
        const Image image(linked(*world));
        CHECK(image.symbol("test_head") == image.symbol("unik_kernel_start"));
        const auto note = elf::find_note(image.stripped(), "unik", 1);
        REQUIRE(note);
        std::uint64_t entry = 0;
        std::memcpy(&entry, note->data(), sizeof entry);
        CHECK(image.read<std::uint8_t>(entry + 0xffffffff80000000) == 0xc3);
        CHECK(elf::find_note(image.stripped(), "Xen", 18).has_value() == (world == &both));
        CHECK((image.stripped().entry() != 0) == (world == &both));
    }
}

TEST_CASE("a long start of the image is refused") {
    World world;
    world.component("door", R"source(asm(".section .boot.head.test,\"ax\"\n .skip 0x401");)source");
    const auto kernel = world.link();
    REQUIRE_FALSE(kernel.ok());
    CHECK(to_text(kernel.error()).find("too long") != std::string::npos);
}

TEST_CASE("a function that does not exist and a global constructor fail with the linker's words") {
    World missing;
    missing.components_.at("files").start = "os::files::begin";
    const auto first = missing.link();
    REQUIRE_FALSE(first.ok());
    CHECK(first.error().diagnostics.at(0).id == "link-failed");
    CHECK(to_text(first.error()).find("_ZN2os5files5beginEv") != std::string::npos);

    World constructor;
    constructor.component("files", R"(
        namespace os { struct Device; struct SyscallArguments; namespace files {
        int start(); int g_value = start(); int start() { return ++g_value; }
        long read(SyscallArguments&) { return 0; } int attach(Device&) { return 0; }
        int mount(const char*) { return g_value; } } }
    )");
    const auto second = constructor.link();
    REQUIRE_FALSE(second.ok());
    CHECK(to_text(second.error()).find("constructor") != std::string::npos);
}

TEST_CASE("what would run at the kernel's end is dropped, since it does not end") {
    World world;
    world.component("late", R"source(asm(".section .fini_array,\"aw\"\n .quad 0x1234");)source");
    const link::Kernel kernel = linked(world);
    const Image image(kernel);
    CHECK(image.debug().find_section(".fini_array") == nullptr);
}

TEST_CASE("without a linker the user is told what to install") {
    World world;
    const std::string path = std::getenv("PATH");
    ::setenv("PATH", "/nonexistent", 1);
    const auto kernel = world.link();
    ::setenv("PATH", path.c_str(), 1);
    REQUIRE_FALSE(kernel.ok());
    CHECK(kernel.error().exit_code == ExitCode::missing_tool);
}

TEST_CASE("QEMU enters the stripped kernel through PVH") {
    World world;
    const link::Kernel kernel = linked(world);
    auto folder = TemporaryDirectory::create("unik-link-test-");
    REQUIRE(folder.ok());
    REQUIRE(write_file(folder->path() / "kernel.elf", ByteSpan(kernel.stripped)).ok());
    Command qemu;
    qemu.directory = folder->path();
    qemu.arguments = {"timeout",
                      "60",
                      "qemu-system-x86_64",
                      "-accel",
                      "tcg",
                      "-nodefaults",
                      "-display",
                      "none",
                      "-no-reboot",
                      "-m",
                      "16M",
                      "-device",
                      "isa-debug-exit,iobase=0xf4,iosize=1",
                      "-kernel",
                      "kernel.elf"};
    const auto done = run(qemu);
    REQUIRE(done.ok());
    CHECK(done.value().exit_status == (0x10 << 1 | 1));
}
