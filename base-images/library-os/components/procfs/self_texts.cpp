#include <foundation/format.hpp>
#include <memory/frames.hpp>
#include <vfs/file_table.hpp>
#include <vfs/hooks.hpp>
#include <vfs/mount.hpp>
#include <vfs/program.hpp>

#include "texts.hpp"

namespace os::procfs {

namespace {

constexpr std::size_t k_most_program_bytes = 1 << 20;

// The program may have unmapped or overwritten what it was started with.
void write_program_memory(TextWriter& out, std::uint64_t address, std::size_t size) {
    if (size == 0 || size > k_most_program_bytes)
        return;
    const Result<Span<const char>> text = memory::AppSpan<char>::readable(address, size);
    if (text.ok())
        out.add(StringView(text.value().data(), text.value().size()));
}

// The thread that the process's own files speak of.
Ref<threads::Thread> main_thread() {
    Ref<threads::Thread> thread = threads::find(1);
    return thread ? thread : Ref<threads::Thread>::share(&threads::current());
}

void write_area(const memory::AreaInfo& area, void* writer) {
    const auto letter = [&area](memory::Protection protection, char yes) {
        return memory::has(area.protection, protection) ? yes : '-';
    };
    TextWriter& out = *static_cast<TextWriter*>(writer);
    out.add("%08lx-%08lx %c%c%c%c %08lx 00:00 0", area.start.value, area.end.value,
            letter(memory::Protection::read, 'r'), letter(memory::Protection::write, 'w'),
            letter(memory::Protection::execute, 'x'),
            area.sharing == memory::Sharing::shared ? 's' : 'p', area.offset);
    if (area.name != nullptr && area.name[0] != '\0')
        out.add(" %26s%s", "", area.name);
    out.add("\n");
}

void write_area_size(const memory::AreaInfo& area, void* writer) {
    write_area(area, writer);
    const std::uint64_t size = (area.end.value - area.start.value) / k_kibibyte;
    static_cast<TextWriter*>(writer)->add(
        "Size:           %8lu kB\nKernelPageSize:        4 kB\nMMUPageSize:           4 kB\n"
        "Rss:            %8lu kB\nPss:            %8lu kB\nSwap:                  0 kB\n",
        size, size, size);
}

const char* access_of(const vfs::Filesystem& filesystem) {
    return filesystem.read_only ? "ro" : "rw";
}

// What a file system in memory may hold is one of its options.
void write_size(vfs::Filesystem& filesystem, TextWriter& out) {
    vfs::FilesystemStatus status;
    if (!filesystem.read_only && filesystem.status(status).ok() && status.blocks > 0)
        out.add(",size=%lluk",
                static_cast<unsigned long long>(
                    status.blocks * static_cast<std::uint64_t>(status.block_size) / k_kibibyte));
}

void write_mount(const vfs::Mount& mount, void* writer) {
    vfs::Filesystem& filesystem = mount.root->filesystem();
    TextWriter& out = *static_cast<TextWriter*>(writer);
    out.add("%s %s %s %s,relatime", filesystem.type(), mount.path.data(), filesystem.type(),
            access_of(filesystem));
    write_size(filesystem, out);
    out.add(StringView(" 0 0\n"));
}

void write_mount_detail(const vfs::Mount& mount, void* writer) {
    vfs::Filesystem& filesystem = mount.root->filesystem();
    const char* access = access_of(filesystem);
    TextWriter& out = *static_cast<TextWriter*>(writer);
    const char* type = filesystem.type();
    const unsigned minor = static_cast<unsigned>(filesystem.device & 0xff);
    out.add("%u %u 0:%u / %s %s,relatime - %s %s %s", minor, mount.point ? 1U : 0U, minor,
            mount.path.data(), access, type, type, access);
    write_size(filesystem, out);
    out.add(StringView("\n"));
}

constexpr char k_unlimited[] = "unlimited";

} // namespace

void write_command_line(TextWriter& out) {
    const vfs::ProgramInformation& program = vfs::program_information();
    write_program_memory(out, program.arguments, program.arguments_size);
}

void write_environment(TextWriter& out) {
    const vfs::ProgramInformation& program = vfs::program_information();
    write_program_memory(out, program.environment, program.environment_size);
}

void write_auxiliary_vector(TextWriter& out) {
    const vfs::ProgramInformation& program = vfs::program_information();
    write_program_memory(out, program.auxiliary_vector, program.auxiliary_vector_size);
}

// As the limits' defaults in linux-system; those that are enforced tell what holds now.
void write_limits(TextWriter& out) {
    char descriptors[24];
    char file_size[24];
    format(descriptors, sizeof descriptors, "%zu", vfs::descriptor_limit());
    format(file_size, sizeof file_size, "%lu", vfs::file_size_limit());
    if (vfs::file_size_limit() == UINT64_MAX)
        format(file_size, sizeof file_size, "%s", k_unlimited);
    const struct {
        const char *name, *soft, *hard, *unit;
    } lines[] = {
        {"Limit", "Soft Limit", "Hard Limit", "Units"},
        {"Max cpu time", k_unlimited, k_unlimited, "seconds"},
        {"Max file size", file_size, k_unlimited, "bytes"},
        {"Max data size", k_unlimited, k_unlimited, "bytes"},
        {"Max stack size", "8388608", k_unlimited, "bytes"},
        {"Max core file size", "0", k_unlimited, "bytes"},
        {"Max resident set", k_unlimited, k_unlimited, "bytes"},
        {"Max processes", "32768", "32768", "processes"},
        {"Max open files", descriptors, "1048576", "files"},
        {"Max locked memory", k_unlimited, k_unlimited, "bytes"},
        {"Max address space", k_unlimited, k_unlimited, "bytes"},
        {"Max file locks", k_unlimited, k_unlimited, "locks"},
    };
    for (const auto& line : lines)
        out.add("%-26s%-21s%-21s%-10s\n", line.name, line.soft, line.hard, line.unit);
}

void write_mounts(TextWriter& out) {
    vfs::for_each_mount(write_mount, &out);
}

void write_mount_details(TextWriter& out) {
    vfs::for_each_mount(write_mount_detail, &out);
}

void write_areas(TextWriter& out) {
    memory::for_each_area(write_area, &out);
}

void write_area_sizes(TextWriter& out) {
    memory::for_each_area(write_area_size, &out);
}

void write_sizes(TextWriter& out) {
    const std::size_t pages = memory::mapped_bytes() / k_page_size;
    out.add("%zu %zu 0 0 0 %zu 0\n", pages, memory::resident_pages(), pages);
}

void write_memory_use(TextWriter& out) {
    const std::uint64_t resident = memory::resident_pages() * (k_page_size / k_kibibyte);
    out.add("00400000-7fffffffffff ---p 00000000 00:00 0 %26s[rollup]\n", "");
    for (const char* name : {"Rss", "Pss", "Private_Dirty", "Referenced", "Anonymous"})
        out.add("%s:%*s%8lu kB\n", name, static_cast<int>(15 - StringView(name).size()), "",
                resident);
    for (const char* name : {"Shared_Clean", "Shared_Dirty", "Private_Clean", "Swap", "Locked"})
        out.add("%s:%*s       0 kB\n", name, static_cast<int>(15 - StringView(name).size()), "");
}

// Nothing is counted: transfers cost no disk, and programs read this to watch themselves.
void write_transfers(TextWriter& out) {
    for (const char* name :
         {"rchar", "wchar", "syscr", "syscw", "read_bytes", "write_bytes", "cancelled_write_bytes"})
        out.add("%s: 0\n", name);
}

void write_process_name(TextWriter& out) {
    write_thread_name(out, *main_thread());
}

Result<void> set_process_name(StringView name) {
    threads::Thread& thread = threads::current();
    if (name.ends_with("\n"))
        name = name.part(0, name.size() - 1);
    name = name.part(0, sizeof thread.name - 1);
    __builtin_memset(thread.name, 0, sizeof thread.name);
    __builtin_memcpy(thread.name, name.data(), name.size());
    return {};
}

void write_process_line(TextWriter& out) {
    Nanoseconds total{};
    threads::for_each(
        [](threads::Thread& thread, void* sum) {
            auto& time = *static_cast<Nanoseconds*>(sum);
            if (is_program_thread(thread))
                time = time + thread.cpu_time();
        },
        &total);
    write_thread_line(out, *main_thread(), total);
}

void write_process_status(TextWriter& out) {
    write_thread_status(out, *main_thread());
}

} // namespace os::procfs
