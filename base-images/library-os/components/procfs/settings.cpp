// /proc/sys, and /sys.
#include <configuration/configuration.hpp>
#include <random/random.hpp>

#include "texts.hpp"

namespace os::procfs {

namespace {

using vfs::directory_node;
using vfs::text_node;

// What Linux tells with uname; the release is that whose ABI the system calls follow.
constexpr char k_release[] = "6.1.0-unik";

template <const char* text>
void write_constant(TextWriter& out) {
    out.add("%s\n", text);
}

constexpr char k_system_name[] = "Linux";
constexpr char k_one[] = "1";
constexpr char k_none[] = "0";
constexpr char k_only_cpu[] = "0";
constexpr char k_most_processes[] = "4194304";
constexpr char k_most_threads[] = "32768";
constexpr char k_most_maps[] = "65530";
constexpr char k_most_connections[] = "4096";
constexpr char k_most_files[] = "1048576";
constexpr char k_huge_pages[] = "always [madvise] never";
constexpr char k_build[] = "#1 unik";

void write_host_name(TextWriter& out) {
    StringView name = configuration::setting("hostname");
    if (name.empty())
        name = configuration::image_name();
    out.add("%.*s\n", static_cast<int>(name.size()), name.data());
}

// RFC 4122, version 4.
void write_identifier(TextWriter& out, std::uint8_t (&bytes)[16]) {
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | 0x40);
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);
    for (unsigned i = 0; i < 16; ++i)
        out.add(i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", bytes[i]);
    out.add("\n");
}

void write_new_identifier(TextWriter& out) {
    std::uint8_t bytes[16];
    random::fill(bytes);
    write_identifier(out, bytes);
}

void write_boot_identifier(TextWriter& out) {
    static constinit std::uint8_t bytes[16] = {};
    static constinit bool made = false;
    if (!made)
        random::fill(bytes);
    made = true;
    write_identifier(out, bytes);
}

constexpr vfs::StaticNode k_random[] = {
    text_node("boot_id", write_boot_identifier),
    text_node("uuid", write_new_identifier),
};
constexpr vfs::StaticNode k_kernel[] = {
    text_node("hostname", write_host_name),
    text_node("osrelease", write_constant<k_release>),
    text_node("ostype", write_constant<k_system_name>),
    text_node("version", write_constant<k_build>),
    text_node("pid_max", write_constant<k_most_processes>),
    text_node("threads-max", write_constant<k_most_threads>),
    text_node("cap_last_cap", [](TextWriter& out) { out.add("40\n"); }),
    text_node("ngroups_max", [](TextWriter& out) { out.add("65536\n"); }),
    directory_node("random", k_random),
};
constexpr vfs::StaticNode k_memory[] = {
    text_node("overcommit_memory", write_constant<k_one>),
    text_node("max_map_count", write_constant<k_most_maps>),
};
constexpr vfs::StaticNode k_core_network[] = {
    text_node("somaxconn", write_constant<k_most_connections>),
};
constexpr vfs::StaticNode k_network[] = {directory_node("core", k_core_network)};
constexpr vfs::StaticNode k_files[] = {
    text_node("file-max", write_constant<k_most_files>),
    text_node("nr_open", write_constant<k_most_files>),
};

constexpr vfs::StaticNode k_cpus[] = {
    text_node("online", write_constant<k_only_cpu>),
    text_node("possible", write_constant<k_only_cpu>),
    text_node("present", write_constant<k_only_cpu>),
    text_node("kernel_max", write_constant<k_none>),
    vfs::empty_directory_node("cpu0"),
};
constexpr vfs::StaticNode k_system_devices[] = {directory_node("cpu", k_cpus)};
constexpr vfs::StaticNode k_devices[] = {directory_node("system", k_system_devices)};
constexpr vfs::StaticNode k_huge_page_settings[] = {
    text_node("enabled", write_constant<k_huge_pages>),
    text_node("hpage_pmd_size", [](TextWriter& out) { out.add("2097152\n"); }),
};
constexpr vfs::StaticNode k_memory_settings[] = {
    directory_node("transparent_hugepage", k_huge_page_settings)};
constexpr vfs::StaticNode k_system_kernel[] = {directory_node("mm", k_memory_settings)};
constexpr vfs::StaticNode k_system_files[] = {vfs::empty_directory_node("cgroup")};

} // namespace

void write_version(TextWriter& out) {
    out.add("Linux version %s (unik) %s\n", k_release, k_build);
}

constexpr vfs::StaticNode k_kernel_settings[] = {
    directory_node("kernel", k_kernel),
    directory_node("vm", k_memory),
    directory_node("net", k_network),
    directory_node("fs", k_files),
};
constexpr vfs::StaticNode k_system_tree[] = {
    directory_node("devices", k_devices),
    directory_node("kernel", k_system_kernel),
    directory_node("fs", k_system_files),
};

} // namespace os::procfs
