// clone and clone3: threads only, since an image runs one process.
#include <arch/paging.hpp>
#include <control/control.hpp>
#include <linux-signals/task.hpp>
#include <memory/address_space.hpp>
#include <syscall/syscall.hpp>
#include <threads/thread.hpp>

#include "futex_call.hpp"
#include "thread_end.hpp"

namespace os::linux {

namespace {

using namespace linux_signals;

// linux/sched.h: CLONE_*
constexpr std::uint64_t k_share_memory = 0x100;
constexpr std::uint64_t k_share_handlers = 0x800;
constexpr std::uint64_t k_share_root = 0x200;
constexpr std::uint64_t k_make_descriptor = 0x1000;
constexpr std::uint64_t k_same_process = 0x10000;
constexpr std::uint64_t k_set_thread_pointer = 0x80000;
constexpr std::uint64_t k_store_id_for_parent = 0x100000;
constexpr std::uint64_t k_clear_id_at_end = 0x200000;
constexpr std::uint64_t k_store_id_in_child = 0x1000000;
constexpr std::uint64_t k_thread = k_share_memory | k_share_handlers | k_same_process;
// CLONE_NEWNS, _NEWUSER, _NEWPID: not for a thread. Other namespaces would need rights that nobody
// has here.
constexpr std::uint64_t k_new_mounts = 0x20000;
constexpr std::uint64_t k_new_users_or_ids = 0x30000000;
constexpr std::uint64_t k_new_other = 0x4e000000;   // _CGROUP, _UTS, _IPC, _NET
constexpr std::uint64_t k_into_group = 0x200000000; // CLONE_INTO_CGROUP
constexpr std::uint64_t k_clone3_flags = 0x3ffffffff;
// CSIGNAL but for CLONE_NEWTIME, CLONE_DETACHED and CLONE_CLEAR_SIGHAND, which threads share.
constexpr std::uint64_t k_not_in_clone3 = 0x40007f | 0x100000000;

struct CloneRequest {
    std::uint64_t flags = 0;
    std::uint64_t stack_top = 0; // 0: the caller's
    std::uint64_t parent_id_address = 0;
    std::uint64_t child_id_address = 0;
    std::uint64_t thread_pointer = 0;
};

// linux/sched.h: struct clone_args, of which the first 64 bytes were there from the beginning.
struct CloneArguments {
    std::uint64_t flags, descriptor, child_id, parent_id, exit_signal, stack, stack_size,
        thread_pointer, wanted_ids, wanted_id_count, group;
};
constexpr std::size_t k_least_clone_arguments = 64;
static_assert(sizeof(CloneArguments) == 88);
constexpr std::size_t k_most_clone_arguments = 4096;

Result<void> store_id(std::uint64_t flags, std::uint64_t flag, std::uint64_t address, int id) {
    if ((flags & flag) != 0)
        UNIK_TRY(memory::AppSpan<std::int32_t>::writable(address, 1))[0] = id;
    return {};
}

Result<void> check_id_address(std::uint64_t flags, std::uint64_t flag, std::uint64_t address) {
    if ((flags & flag) == 0)
        return {};
    return memory::check_program_range(VirtAddr{address}, sizeof(std::int32_t),
                                       memory::Access::write);
}

Errno refuse_process() {
    static constinit bool said = false;
    if (!said)
        control::warn("no-processes",
                      "clone of a new process is refused: an image runs one process. Use threads; "
                      "build other programs as images of their own");
    said = true;
    return Errno::enosys;
}

Result<void> check_thread_request(const CloneRequest& request) {
    if ((request.flags & k_same_process) == 0)
        return refuse_process();
    const bool new_mounts = (request.flags & k_new_mounts) != 0;
    if ((request.flags & k_thread) != k_thread || (request.flags & k_make_descriptor) != 0 ||
        (request.flags & k_new_users_or_ids) != 0 ||
        (new_mounts && (request.flags & k_share_root) != 0))
        return Errno::einval;
    if (new_mounts || (request.flags & k_new_other) != 0)
        return Errno::eperm;
    if ((request.flags & k_set_thread_pointer) != 0 &&
        request.thread_pointer >= arch::k_program_top)
        return Errno::eperm;
    UNIK_TRY(check_id_address(request.flags, k_store_id_for_parent, request.parent_id_address));
    return check_id_address(request.flags, k_store_id_in_child, request.child_id_address);
}

Result<int> create_thread(const CloneRequest& request, const arch::TrapFrame& caller) {
    UNIK_TRY(check_thread_request(request));
    Task& parent = current_task();
    arch::TrapFrame frame = caller;
    frame.rax = 0;
    if (request.stack_top != 0)
        frame.rsp = request.stack_top;
    const bool own_pointer = (request.flags & k_set_thread_pointer) != 0;
    const auto made = threads::create_program_thread(
        frame, own_pointer ? request.thread_pointer : parent.thread.context().fs_base);
    if (!made.ok())
        return Errno::eagain;
    threads::Thread& thread = *made.value();
    __builtin_memcpy(thread.name, parent.thread.name, sizeof(thread.name));
    Task* task = UNIK_TRY(Task::attach(thread, parent.blocked));
    task->policy = parent.policy;
    task->nice = parent.nice;
    if ((request.flags & k_clear_id_at_end) != 0)
        task->clear_child_tid = request.child_id_address;
    const int id = thread.id();
    UNIK_TRY(store_id(request.flags, k_store_id_for_parent, request.parent_id_address, id));
    UNIK_TRY(store_id(request.flags, k_store_id_in_child, request.child_id_address, id));
    set_thread_end_hook(&linux_threads::on_thread_end);
    linux_threads::set_futex_server(&linux_threads::serve_futex);
    threads::make_ready(thread);
    return id;
}

// Of any size: what is missing is zero, and what is not known must be.
Result<CloneArguments> load_arguments(std::uint64_t address, std::size_t size) {
    if (size < k_least_clone_arguments)
        return Errno::einval;
    if (size > k_most_clone_arguments)
        return Errno::e2big;
    const auto bytes = UNIK_TRY(memory::AppSpan<std::uint8_t>::readable(address, size));
    CloneArguments arguments{};
    const std::size_t known = size < sizeof(arguments) ? size : sizeof(arguments);
    __builtin_memcpy(&arguments, bytes.data(), known);
    for (const std::uint8_t byte : bytes.part(known))
        if (byte != 0)
            return Errno::e2big;
    return arguments;
}

// Whoever wants ids of its own choice, or a group, asks for what is not there.
Result<void> check_arguments(const CloneArguments& arguments) {
    const bool thread = (arguments.flags & k_same_process) != 0;
    const bool flags_known = (arguments.flags & ~k_clone3_flags) == 0 &&
                             (!thread || (arguments.flags & k_not_in_clone3) == 0);
    const bool stack_whole = (arguments.stack == 0) == (arguments.stack_size == 0);
    if (!flags_known || !stack_whole || (thread && arguments.exit_signal != 0) ||
        (arguments.flags & k_into_group) != 0 || arguments.wanted_ids != 0 ||
        arguments.wanted_id_count != 0)
        return Errno::einval;
    return {};
}

Result<int> create_thread_from(std::uint64_t address, std::size_t size,
                               const arch::TrapFrame& caller) {
    const CloneArguments arguments = UNIK_TRY(load_arguments(address, size));
    UNIK_TRY(check_arguments(arguments));
    return create_thread({.flags = arguments.flags,
                          .stack_top = arguments.stack + arguments.stack_size,
                          .parent_id_address = arguments.parent_id,
                          .child_id_address = arguments.child_id,
                          .thread_pointer = arguments.thread_pointer},
                         caller);
}

} // namespace

std::int64_t clone(SyscallArguments& arguments) {
    return reply(create_thread({.flags = arguments.value[0],
                                .stack_top = arguments.value[1],
                                .parent_id_address = arguments.value[2],
                                .child_id_address = arguments.value[3],
                                .thread_pointer = arguments.value[4]},
                               *arguments.frame));
}

std::int64_t clone3(SyscallArguments& arguments) {
    return reply(create_thread_from(arguments.value[0], arguments.value[1], *arguments.frame));
}

} // namespace os::linux
