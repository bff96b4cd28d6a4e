// What the files read as; formats as in proc(5). One process, number 1.
#pragma once

#include <threads/thread.hpp>
#include <vfs/static_tree.hpp>

namespace os::procfs {

using vfs::TextWriter;

// The machine (machine_texts.cpp, and for its CPUs x86_64/cpu_text.cpp).
void write_memory(TextWriter& out);
void write_cpus(TextWriter& out);
void write_counters(TextWriter& out);
void write_uptime(TextWriter& out);
void write_load(TextWriter& out);
void write_version(TextWriter& out);

// The process (self_texts.cpp).
void write_command_line(TextWriter& out);
void write_environment(TextWriter& out);
void write_auxiliary_vector(TextWriter& out);
void write_limits(TextWriter& out);
void write_mounts(TextWriter& out);
void write_mount_details(TextWriter& out);
void write_areas(TextWriter& out);
void write_area_sizes(TextWriter& out);
void write_sizes(TextWriter& out);      // statm
void write_memory_use(TextWriter& out); // smaps_rollup
void write_transfers(TextWriter& out);  // io
void write_process_name(TextWriter& out);
Result<void> set_process_name(StringView name);
void write_process_line(TextWriter& out);   // stat
void write_process_status(TextWriter& out); // status

// The same for one thread (thread_texts.cpp).
bool is_program_thread(threads::Thread& thread);
std::size_t program_threads();
void write_thread_name(TextWriter& out, threads::Thread& thread);
void write_thread_line(TextWriter& out, threads::Thread& thread, Nanoseconds cpu_time);
void write_thread_status(TextWriter& out, threads::Thread& thread);

// /proc/sys (settings.cpp).
extern const vfs::StaticNode k_kernel_settings[4];

// Directories whose names come and go (descriptors.cpp, tasks.cpp).
Result<Ref<vfs::Inode>> make_descriptor_directory(vfs::Filesystem& filesystem, std::uint64_t number,
                                                  vfs::Inode& parent);
Result<Ref<vfs::Inode>> make_description_directory(vfs::Filesystem& filesystem,
                                                   std::uint64_t number, vfs::Inode& parent);
Result<Ref<vfs::Inode>> make_task_directory(vfs::Filesystem& filesystem, std::uint64_t number,
                                            vfs::Inode& parent);
Result<Ref<vfs::Inode>> make_working_directory_link(vfs::Filesystem& filesystem,
                                                    std::uint64_t number, vfs::Inode& parent);

inline constexpr std::uint64_t k_kibibyte = 1024;
inline constexpr std::int64_t k_ticks_per_second = 100; // USER_HZ
constexpr std::uint64_t ticks_of(Nanoseconds time) {
    return static_cast<std::uint64_t>(time.value / (vfs::k_second / k_ticks_per_second));
}

} // namespace os::procfs
