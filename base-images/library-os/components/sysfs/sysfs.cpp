#include <sysfs/sysfs.hpp>

#include <vfs/mount.hpp>
#include <vfs/static_tree.hpp>

namespace os::sysfs {

namespace {

using vfs::constant_node;
using vfs::directory_node;
using vfs::empty_directory_node;

constexpr std::int64_t k_magic = 0x62656572; // linux/magic.h

class SystemFilesystem final : public vfs::Filesystem {
public:
    constexpr SystemFilesystem() : Filesystem("sysfs") {}
    Result<void> status(vfs::FilesystemStatus& out) override {
        out = vfs::FilesystemStatus{};
        out.type = k_magic;
        return {};
    }
};

constinit SystemFilesystem g_filesystem;

constexpr vfs::StaticNode k_topology[] = {
    constant_node("core_id", "0"),
    constant_node("core_cpus_list", "0"),
    constant_node("physical_package_id", "0"),
    constant_node("package_cpus_list", "0"),
    constant_node("thread_siblings_list", "0"),
};
constexpr vfs::StaticNode k_only_cpu[] = {directory_node("topology", k_topology)};
constexpr vfs::StaticNode k_cpus[] = {
    constant_node("online", "0"),       constant_node("possible", "0"),
    constant_node("present", "0"),      constant_node("kernel_max", "0"),
    directory_node("cpu0", k_only_cpu),
};
constexpr vfs::StaticNode k_only_node[] = {
    constant_node("cpulist", "0"),
    constant_node("cpumap", "1"),
    constant_node("distance", "10"),
};
constexpr vfs::StaticNode k_nodes[] = {
    constant_node("online", "0"),
    constant_node("possible", "0"),
    directory_node("node0", k_only_node),
};
constexpr vfs::StaticNode k_clock_source[] = {
    constant_node("available_clocksource", "tsc"),
    constant_node("current_clocksource", "tsc"),
};
constexpr vfs::StaticNode k_clock_sources[] = {directory_node("clocksource0", k_clock_source)};
constexpr vfs::StaticNode k_system_devices[] = {
    directory_node("clocksource", k_clock_sources),
    directory_node("cpu", k_cpus),
    directory_node("node", k_nodes),
};
constexpr vfs::StaticNode k_devices[] = {directory_node("system", k_system_devices)};
constexpr vfs::StaticNode k_huge_pages[] = {
    constant_node("enabled", "always [madvise] never"),
    constant_node("defrag", "always defer defer+madvise [madvise] never"),
    constant_node("hpage_pmd_size", "2097152"),
    constant_node("shmem_enabled", "always within_size advise [never] deny force"),
    constant_node("use_zero_page", "0"),
};
constexpr vfs::StaticNode k_memory[] = {
    empty_directory_node("hugepages"),
    directory_node("transparent_hugepage", k_huge_pages),
};
constexpr vfs::StaticNode k_kernel[] = {directory_node("mm", k_memory)};
constexpr vfs::StaticNode k_files[] = {empty_directory_node("cgroup")};
constexpr vfs::StaticNode k_root[] = {
    directory_node("devices", k_devices),
    directory_node("kernel", k_kernel),
    directory_node("fs", k_files),
};

} // namespace

Result<void> mount(const char* mount_point) {
    return vfs::mount(mount_point, UNIK_TRY(vfs::make_static_root(g_filesystem, k_root)));
}

} // namespace os::sysfs
