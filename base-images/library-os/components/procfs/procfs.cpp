// What lies where.
#include <procfs/procfs.hpp>

#include <vfs/mount.hpp>
#include <vfs/program.hpp>

#include "texts.hpp"

namespace os::procfs {

namespace {

using vfs::directory_node;
using vfs::link_node;
using vfs::made_node;
using vfs::text_node;

constexpr std::int64_t k_proc_magic = 0x9fa0;
constexpr std::int64_t k_sysfs_magic = 0x62656572;

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
constinit TableFilesystem g_system("sysfs", k_sysfs_magic);

Result<void> accept_any(StringView) {
    return {};
}

void name_executable(TextWriter& out) {
    out.add("%s", vfs::program_information().executable);
}
void name_root(TextWriter& out) {
    out.add("/");
}
void name_process(TextWriter& out) {
    out.add("1");
}
void name_thread(TextWriter& out) {
    out.add("1/task/%d", threads::current().id());
}
void name_own_mounts(TextWriter& out) {
    out.add("self/mounts");
}
void write_score(TextWriter& out) {
    out.add("0\n");
}

constexpr vfs::StaticNode k_process[] = {
    text_node("auxv", write_auxiliary_vector),
    text_node("cgroup", write_control_groups),
    text_node("cmdline", write_command_line),
    text_node("comm", write_process_name, set_process_name),
    made_node("cwd", vfs::k_mode_symbolic_link, make_working_directory_link),
    text_node("environ", write_environment),
    link_node("exe", name_executable),
    made_node("fd", vfs::k_mode_directory, make_descriptor_directory),
    text_node("limits", write_limits),
    text_node("maps", write_areas),
    text_node("mountinfo", write_mount_details),
    text_node("mounts", write_mounts),
    text_node("oom_score", write_score),
    text_node("oom_score_adj", write_score, accept_any),
    link_node("root", name_root),
    text_node("smaps", write_area_sizes),
    text_node("stat", write_process_line),
    text_node("statm", write_sizes),
    text_node("status", write_process_status),
    made_node("task", vfs::k_mode_directory, make_task_directory),
};

constexpr vfs::StaticNode k_root[] = {
    directory_node("1", k_process),
    text_node("cpuinfo", write_cpus),
    text_node("filesystems", write_filesystems),
    text_node("loadavg", write_load),
    text_node("meminfo", write_memory),
    link_node("mounts", name_own_mounts),
    link_node("self", name_process),
    text_node("stat", write_counters),
    directory_node("sys", k_kernel_settings),
    link_node("thread-self", name_thread),
    text_node("uptime", write_uptime),
    text_node("version", write_version),
};

} // namespace

Result<void> mount(const char* mount_point) {
    return vfs::mount(mount_point, UNIK_TRY(vfs::make_static_root(g_processes, k_root)));
}

Result<void> mount_system(const char* mount_point) {
    return vfs::mount(mount_point, UNIK_TRY(vfs::make_static_root(g_system, k_system_tree)));
}

} // namespace os::procfs
