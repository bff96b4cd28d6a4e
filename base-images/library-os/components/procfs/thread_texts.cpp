#include <clock/clock.hpp>
#include <memory/frames.hpp>
#include <vfs/file_table.hpp>
#include <vfs/path.hpp>
#include <vfs/program.hpp>

#include "texts.hpp"

namespace os::procfs {

namespace {

constexpr int k_process = 1;

char state_letter(const threads::Thread& thread) {
    return thread.state() == threads::Thread::State::blocked ? 'S' : 'R';
}

void count_descriptor(int, vfs::File&, void* sum) {
    ++*static_cast<std::size_t*>(sum);
}

void write_octal(TextWriter& out, std::uint32_t mode) {
    out.add("0%u%u%u", mode >> 6 & 7, mode >> 3 & 7, mode & 7);
}

std::size_t open_descriptors() {
    std::size_t count = 0;
    vfs::for_each_descriptor(count_descriptor, &count);
    return count;
}

} // namespace

// Threads of the kernel itself have no FPU state.
bool is_program_thread(threads::Thread& thread) {
    return thread.context().fpu != nullptr;
}

std::size_t program_threads() {
    std::size_t count = 0;
    threads::for_each(
        [](threads::Thread& thread, void* sum) {
            if (is_program_thread(thread))
                ++*static_cast<std::size_t*>(sum);
        },
        &count);
    return count;
}

void write_thread_name(TextWriter& out, threads::Thread& thread) {
    out.add("%s\n", thread.name);
}

// 52 fields; those that nothing here corresponds to are 0.
void write_thread_line(TextWriter& out, threads::Thread& thread, Nanoseconds cpu_time) {
    out.add("%d (%s) %c 0 1 1 0 -1 4194304 0 0 0 0 %lu 0 0 0 20 0 %zu 0 0 ", thread.id(),
            thread.name, state_letter(thread), ticks_of(cpu_time), program_threads());
    out.add("%zu %zu 18446744073709551615 0 0 %lu 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 ",
            memory::mapped_bytes(), memory::resident_pages(),
            vfs::program_information().stack_pointer);
    const vfs::ProgramInformation& program = vfs::program_information();
    out.add("0 0 0 %lu %lu %lu %lu 0\n", program.arguments,
            program.arguments + program.arguments_size, program.environment,
            program.environment + program.environment_size);
}

void write_thread_status(TextWriter& out, threads::Thread& thread) {
    const char letter = state_letter(thread);
    const std::uint64_t mapped = memory::mapped_bytes() / k_kibibyte;
    const std::uint64_t resident = memory::resident_pages() * (k_page_size / k_kibibyte);
    out.add("Name:\t%s\nUmask:\t", thread.name);
    write_octal(out, vfs::creation_mask());
    out.add("\nState:\t%c (%s)\nTgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t0\n", letter,
            letter == 'R' ? "running" : "sleeping", k_process, thread.id());
    out.add("TracerPid:\t0\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nFDSize:\t%zu\nGroups:\t0 \n",
            open_descriptors());
    out.add("VmPeak:\t%8lu kB\nVmSize:\t%8lu kB\nVmLck:\t       0 kB\nVmHWM:\t%8lu kB\n"
            "VmRSS:\t%8lu kB\nRssAnon:\t%8lu kB\nRssFile:\t       0 kB\nVmSwap:\t       0 kB\n",
            mapped, mapped, resident, resident, resident);
    out.add("Threads:\t%zu\nSigQ:\t0/1024\n", program_threads());
    for (const char* name : {"SigPnd", "ShdPnd", "SigBlk", "SigIgn", "SigCgt", "CapInh"})
        out.add("%s:\t0000000000000000\n", name);
    for (const char* name : {"CapPrm", "CapEff", "CapBnd"})
        out.add("%s:\t000001ffffffffff\n", name);
    out.add("CapAmb:\t0000000000000000\nNoNewPrivs:\t0\nSeccomp:\t0\nCpus_allowed:\t1\n"
            "Cpus_allowed_list:\t0\nMems_allowed:\t1\nMems_allowed_list:\t0\n"
            "voluntary_ctxt_switches:\t0\nnonvoluntary_ctxt_switches:\t0\n");
}

} // namespace os::procfs
