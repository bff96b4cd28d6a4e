#include <clock/clock.hpp>
#include <memory/frames.hpp>

#include "texts.hpp"

namespace os::procfs {

namespace {

std::uint64_t kibibytes_of_frames(std::uint64_t frames) {
    return frames * (k_page_size / k_kibibyte);
}

void write_size(TextWriter& out, const char* name, std::uint64_t kibibytes) {
    out.add("%-16s%8lu kB\n", name, kibibytes);
}

Nanoseconds busy_time() {
    Nanoseconds total{};
    threads::for_each(
        [](threads::Thread& thread, void* sum) {
            auto& time = *static_cast<Nanoseconds*>(sum);
            time = time + thread.cpu_time();
        },
        &total);
    return total;
}

Nanoseconds idle_time() {
    const Nanoseconds idle = clock::monotonic() - busy_time();
    return idle.value > 0 ? idle : Nanoseconds{0};
}

void write_seconds(TextWriter& out, Nanoseconds time) {
    out.add("%ld.%02ld", time.value / vfs::k_second, time.value % vfs::k_second / 10'000'000);
}

} // namespace

void write_memory(TextWriter& out) {
    const memory::FrameCount frames = memory::frame_count();
    const std::uint64_t total = kibibytes_of_frames(frames.total);
    const std::uint64_t free = kibibytes_of_frames(frames.free);
    write_size(out, "MemTotal:", total);
    write_size(out, "MemFree:", free);
    write_size(out, "MemAvailable:", free);
    for (const char* name : {"Buffers:", "Cached:", "SwapCached:"})
        write_size(out, name, 0);
    write_size(out, "Active:", total - free);
    for (const char* name : {"Inactive:", "Unevictable:", "Mlocked:", "SwapTotal:", "SwapFree:",
                             "Dirty:", "Writeback:"})
        write_size(out, name, 0);
    write_size(out, "AnonPages:", kibibytes_of_frames(memory::resident_pages()));
    for (const char* name : {"Mapped:", "Shmem:", "Slab:"})
        write_size(out, name, 0);
    write_size(out, "CommitLimit:", total);
    write_size(out, "Committed_AS:", memory::mapped_bytes() / k_kibibyte);
    out.add("HugePages_Total:       0\nHugePages_Free:        0\nHugePages_Rsvd:        0\n");
    write_size(out, "Hugepagesize:", 2048);
}

void write_counters(TextWriter& out) {
    const std::uint64_t busy = ticks_of(busy_time());
    const std::uint64_t idle = ticks_of(idle_time());
    out.add("cpu  %lu 0 0 %lu 0 0 0 0 0 0\ncpu0 %lu 0 0 %lu 0 0 0 0 0 0\n", busy, idle, busy, idle);
    const Nanoseconds boot = clock::realtime() - clock::monotonic();
    out.add("intr 0\nctxt 0\nbtime %ld\nprocesses 1\nprocs_running 1\nprocs_blocked 0\n",
            boot.value / vfs::k_second);
}

void write_uptime(TextWriter& out) {
    write_seconds(out, clock::monotonic());
    out.add(" ");
    write_seconds(out, idle_time());
    out.add("\n");
}

void write_load(TextWriter& out) {
    out.add("0.00 0.00 0.00 1/%zu 1\n", program_threads());
}

} // namespace os::procfs
