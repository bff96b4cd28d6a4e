#include "world.hpp"

namespace {

const char* const k_boot_source = R"source(
asm(R"(
    .code32
    .section .text.unik_entry32, "ax"
    .globl unik_entry32
unik_entry32:
    movb $0x10, %al
    outb %al, $0xf4
1:  hlt
    jmp 1b
    .section .note.Xen, "a", @note
    .balign 4
    .long 4, 8, 18
    .asciz "Xen"
    .quad unik_entry32 - 0xffffffff80000000
    .code64
)");
extern "C" char unik_image[];
namespace os::boot { char* start() { return unik_image; } }
)source";

const char* const k_files_source = R"(
namespace os {
struct Device;
struct SyscallArguments { long values[6]; };
namespace files {
constinit int g_count = 7;
constinit int g_zeros[5000] = {};
long read(SyscallArguments& arguments) { return arguments.values[0] + g_count++; }
long write(SyscallArguments&) { return 0x1234567; }
int start() { return ++g_zeros[100]; }
int attach(Device&) { return 1; }
int mount(const char* where) { return where[0]; }
int nobody_calls_this(int n) { return n * 3; }
}
}
)";

const char* const k_program_source = R"(
int g_number = 42;
int g_zeros[3000];
const char g_text[] = "constant text";
extern "C" void _start() {
    asm volatile("syscall" : : "a"(60), "D"(g_number + g_zeros[1] + g_text[0]));
}
)";

void compile(const std::filesystem::path& folder, const std::string& name, const char* source,
             std::vector<std::string> options) {
    REQUIRE(write_file(folder / (name + ".cpp"), std::string_view(source)).ok());
    Command command;
    command.arguments = {"g++", "-std=c++20", "-O1", "-w", "-o", name, name + ".cpp"};
    command.arguments.insert(command.arguments.end(), options.begin(), options.end());
    command.directory = folder;
    const auto done = run_successfully(command, "compile");
    INFO((done.ok() ? std::string() : to_text(done.error())));
    REQUIRE(done.ok());
}

} // namespace

World::World(bool position_independent)
    : folder_(std::move(TemporaryDirectory::create("unik-link-test-")).value()) {
    component("boot", k_boot_source).start = "os::boot::start";
    components::Component& files = component("files", k_files_source);
    files.start = "os::files::start";
    files.drivers = {{"virtio:1", "os::files::attach"}};
    files.filesystems = {{"/dev", "os::files::mount"}, {"/", "os::files::mount"}};
    files.syscalls = {{"read", "os::files::read"}, {"write", "os::files::write"}};
    selection_.syscalls = {{"read", "files"}};
    selection_.providers = {{"read", "files"}, {"write", "files"}, {"socket", "sockets"}};
    std::vector<std::string> options{"-nostdlib", "-fno-exceptions"};
    options.push_back(position_independent ? "-static-pie" : "-static");
    options.push_back(position_independent ? "-fPIE" : "-fno-pie");
    compile(folder_.path(), "program", k_program_source, options);
    auto bytes = read_file(folder_.path() / "program", Bytes{1 << 20});
    REQUIRE(bytes.ok());
    program_ = std::move(elf::ElfFile::parse(std::move(bytes).value(), "program")).value();
    manifest_.name = "test";
    manifest_.entrypoint = "/bin/test";
    manifest_.args = {"-v"};
    manifest_.environment = {{"HOME", "/"}};
}

Result<link::Kernel> World::link() {
    selection_.components.clear();
    for (auto& [name, component] : components_) {
        component.object = objects_.at(name);
        selection_.components.push_back({&component, {}});
    }
    return link::link({&selection_, &*program_, &rootfs_, &manifest_});
}

const rootfs::RootFs& World::add_root(vocabulary::RootPlace place) {
    toolchain::Application application;
    const bool on_disk = place == vocabulary::RootPlace::disk;
    application.manifest.root = on_disk ? unikfile::RootForm::disk : unikfile::RootForm::embedded;
    application.manifest.tmpfs = {{"/var/cache", Bytes{1 << 20}}};
    auto root = rootfs::build(application, folder_.path());
    REQUIRE(root.ok());
    rootfs_ = std::move(root).value();
    return rootfs_;
}

components::Component& World::component(const std::string& name, const char* source) {
    compile(folder_.path(), name + ".o", source,
            {"-c", "-ffreestanding", "-fno-exceptions", "-fno-rtti", "-fno-pic", "-fno-pie",
             "-mcmodel=kernel", "-ffunction-sections", "-fdata-sections", "-fvisibility=hidden",
             "-fno-asynchronous-unwind-tables"});
    auto bytes = read_file(folder_.path() / (name + ".o"), Bytes{1 << 20});
    REQUIRE(bytes.ok());
    objects_[name] = std::move(bytes).value();
    components_[name].name = name;
    return components_[name];
}

link::Kernel linked(World& world) {
    auto kernel = world.link();
    INFO((kernel.ok() ? std::string() : to_text(kernel.error())));
    REQUIRE(kernel.ok());
    return std::move(kernel).value();
}
