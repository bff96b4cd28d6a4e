// What lies where.
#include <procfs/procfs.hpp>

#include <vfs/mount.hpp>
#include <vfs/program.hpp>

#include "texts.hpp"

namespace os::procfs {

namespace {

using vfs::constant_link_node;
using vfs::constant_node;
using vfs::directory_node;
using vfs::link_node;
using vfs::made_node;
using vfs::text_node;

constexpr std::int64_t k_proc_magic = 0x9fa0;

class TableFilesystem final : public vfs::Filesystem {
public:
    constexpr TableFilesystem(const char* type, std::int64_t magic)
        : Filesystem(type), magic_(magic) {}
    Result<void> status(vfs::FilesystemStatus& out) override {
        out = vfs::FilesystemStatus{};
        out.type = magic_;
        return {};
    }

private:
    std::int64_t magic_;
};

constinit TableFilesystem g_processes("proc", k_proc_magic);

Result<void> accept_any(StringView) {
    return {};
}

void name_executable(TextWriter& out) {
    out.add("%s", vfs::program_information().executable);
}
void name_thread(TextWriter& out) {
    out.add("1/task/%d", threads::current().id());
}
void write_score(TextWriter& out) {
    out.add("0\n");
}

constexpr char k_all_identities[] = "         0          0 4294967295";

constexpr vfs::StaticNode k_process[] = {
    text_node("auxv", write_auxiliary_vector),
    constant_node("cgroup", "0::/"),
    text_node("cmdline", write_command_line),
    text_node("comm", write_process_name, set_process_name),
    made_node("cwd", vfs::k_mode_symbolic_link, make_working_directory_link),
    text_node("environ", write_environment),
    link_node("exe", name_executable),
    made_node("fd", vfs::k_mode_directory, make_descriptor_directory),
    made_node("fdinfo", vfs::k_mode_directory, make_description_directory),
    constant_node("gid_map", k_all_identities),
    text_node("io", write_transfers),
    text_node("limits", write_limits),
    text_node("maps", write_areas),
    text_node("mountinfo", write_mount_details),
    text_node("mounts", write_mounts),
    constant_node("oom_score", "0"),
    text_node("oom_score_adj", write_score, accept_any),
    constant_link_node("root", "/"),
    constant_node("personality", "00000000"),
    text_node("smaps", write_area_sizes),
    text_node("smaps_rollup", write_memory_use),
    text_node("stat", write_process_line),
    text_node("statm", write_sizes),
    text_node("status", write_process_status),
    made_node("task", vfs::k_mode_directory, make_task_directory),
    constant_node("uid_map", k_all_identities),
};

constexpr vfs::StaticNode k_root[] = {
    directory_node("1", k_process),
    text_node("cpuinfo", write_cpus),
    constant_node("filesystems",
                  "nodev\ttmpfs\nnodev\tproc\nnodev\tsysfs\nnodev\tdevtmpfs\n\terofs"),
    text_node("loadavg", write_load),
    text_node("meminfo", write_memory),
    constant_link_node("mounts", "self/mounts"),
    constant_link_node("self", "1"),
    text_node("stat", write_counters),
    constant_node("swaps", "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority"),
    directory_node("sys", k_kernel_settings),
    link_node("thread-self", name_thread),
    text_node("uptime", write_uptime),
    text_node("version", write_version),
};

} // namespace

Result<void> mount(const char* mount_point) {
    return vfs::mount(mount_point, UNIK_TRY(vfs::make_static_root(g_processes, k_root)));
}

} // namespace os::procfs
