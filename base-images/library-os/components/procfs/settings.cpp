// /proc/sys: what runtimes and servers ask, with the values of an ordinary machine where nothing
// here can be set.
#include <configuration/configuration.hpp>
#include <random/random.hpp>

#include "texts.hpp"

namespace os::procfs {

namespace {

using vfs::constant_node;
using vfs::directory_node;
using vfs::text_node;

// What Linux tells with uname; the release is that whose ABI the system calls follow.
constexpr char k_release[] = "6.1.0-unik";
constexpr char k_build[] = "#1 unik";
constexpr char k_most_files[] = "1048576";

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
    constant_node("entropy_avail", "256"),
    constant_node("poolsize", "256"),
};
constexpr vfs::StaticNode k_kernel[] = {
    text_node("hostname", write_host_name),   constant_node("domainname", "(none)"),
    constant_node("osrelease", k_release),    constant_node("ostype", "Linux"),
    constant_node("version", k_build),        constant_node("pid_max", "4194304"),
    constant_node("threads-max", "32768"),    constant_node("cap_last_cap", "40"),
    constant_node("ngroups_max", "65536"),    constant_node("core_pattern", "core"),
    constant_node("randomize_va_space", "2"), constant_node("perf_event_paranoid", "4"),
    constant_node("overflowuid", "65534"),    constant_node("overflowgid", "65534"),
    directory_node("random", k_random),
};
constexpr vfs::StaticNode k_memory[] = {
    constant_node("overcommit_memory", "1"), constant_node("overcommit_ratio", "50"),
    constant_node("max_map_count", "65530"), constant_node("mmap_min_addr", "65536"),
    constant_node("swappiness", "0"),        constant_node("nr_hugepages", "0"),
};
constexpr vfs::StaticNode k_core_network[] = {
    constant_node("somaxconn", "4096"),      constant_node("netdev_max_backlog", "1000"),
    constant_node("rmem_default", "212992"), constant_node("rmem_max", "212992"),
    constant_node("wmem_default", "212992"), constant_node("wmem_max", "212992"),
};
constexpr vfs::StaticNode k_internet[] = {
    constant_node("ip_local_port_range", "32768\t60999"),
    constant_node("ip_unprivileged_port_start", "0"),
    constant_node("ip_nonlocal_bind", "0"),
    constant_node("tcp_fastopen", "0"),
    constant_node("tcp_keepalive_intvl", "75"),
    constant_node("tcp_keepalive_probes", "9"),
    constant_node("tcp_keepalive_time", "7200"),
    constant_node("tcp_max_syn_backlog", "4096"),
    constant_node("tcp_rmem", "4096\t131072\t6291456"),
    constant_node("tcp_wmem", "4096\t16384\t4194304"),
};
constexpr vfs::StaticNode k_network[] = {
    directory_node("core", k_core_network),
    directory_node("ipv4", k_internet),
};
constexpr vfs::StaticNode k_files[] = {
    constant_node("file-max", k_most_files),
    constant_node("nr_open", k_most_files),
    constant_node("pipe-max-size", k_most_files),
    constant_node("pipe-user-pages-soft", "16384"),
};

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

} // namespace os::procfs
