// The calls that every program makes, threads or not, and waiting for children that it cannot have.
#include <arch/context.hpp>
#include <arch/cpu.hpp>
#include <arch/paging.hpp>
#include <control/control.hpp>
#include <linux-signals/program_end.hpp>
#include <linux-signals/task.hpp>
#include <memory/address_space.hpp>
#include <syscall/syscall.hpp>

namespace os::linux {

namespace {

using linux_signals::current_task;

constexpr std::uint64_t k_set_gs = 0x1001; // asm/prctl.h: ARCH_*
constexpr std::uint64_t k_set_fs = 0x1002;
constexpr std::uint64_t k_get_fs = 0x1003;
constexpr std::uint64_t k_robust_list_head_size = 24;

Result<void> set_thread_pointer(std::uint64_t address) {
    if (address >= arch::k_program_top)
        return Errno::eperm;
    arch::set_thread_pointer(threads::current().context(), address);
    return {};
}

Result<void> store(std::uint64_t address, std::uint64_t value) {
    UNIK_TRY(memory::AppSpan<std::uint64_t>::writable(address, 1))[0] = value;
    return {};
}

Result<void> store_robust_list(std::int32_t id, std::uint64_t head, std::uint64_t size) {
    const linux_signals::Task* task = id == 0 ? &current_task() : linux_signals::find_task(id);
    if (task == nullptr)
        return Errno::esrch;
    UNIK_TRY(store(head, task->robust_list));
    return store(size, k_robust_list_head_size);
}

// GS stays the kernel's: programs use FS for their thread pointer.
Result<void> change_segment_base(std::uint64_t code, std::uint64_t value) {
    switch (code) {
    case k_set_fs: return set_thread_pointer(value);
    case k_get_fs: return store(value, threads::current().context().fs_base);
    case k_set_gs:
        control::warn("no-gs", "the program asked for a GS base, which the kernel needs itself");
        return Errno::einval;
    default: return Errno::einval;
    }
}

} // namespace

std::int64_t exit(SyscallArguments& arguments) {
    linux_signals::end_thread(arguments.as<int>(0));
}

std::int64_t exit_group(SyscallArguments& arguments) {
    linux_signals::end_program(arguments.as<int>(0));
}

std::int64_t set_tid_address(SyscallArguments& arguments) {
    current_task().clear_child_tid = arguments.value[0];
    return threads::current().id();
}

std::int64_t gettid(SyscallArguments&) {
    return threads::current().id();
}

std::int64_t set_robust_list(SyscallArguments& arguments) {
    if (arguments.value[1] != k_robust_list_head_size)
        return reply(Result<void>(Errno::einval));
    current_task().robust_list = arguments.value[0];
    return 0;
}

std::int64_t get_robust_list(SyscallArguments& arguments) {
    return reply(
        store_robust_list(arguments.as<std::int32_t>(0), arguments.value[1], arguments.value[2]));
}

std::int64_t arch_prctl(SyscallArguments& arguments) {
    return reply(change_segment_base(arguments.value[0], arguments.value[1]));
}

// Restartable sequences need the kernel to watch every preemption; C libraries do without.
std::int64_t rseq(SyscallArguments&) {
    return reply(Result<void>(Errno::enosys));
}

// There are no children. fork, vfork and execve are left out of the table on purpose: what is said
// of calls that are not linked names the way out.
std::int64_t wait4(SyscallArguments&) {
    return reply(Result<void>(Errno::echild));
}

std::int64_t waitid(SyscallArguments&) {
    return reply(Result<void>(Errno::echild));
}

} // namespace os::linux
