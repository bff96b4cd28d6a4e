// rt_sigaction and sigaltstack.
#include <linux-signals/signals.hpp>
#include <linux-signals/task.hpp>
#include <memory/address_space.hpp>
#include <syscall/syscall.hpp>

#include "delivery.hpp"
#include "frame_layout.hpp"
#include "process.hpp"

namespace os::linux {

namespace {

using namespace linux_signals;

constexpr std::uint64_t k_smallest_stack = 2048; // MINSIGSTKSZ

Result<void> change_action(int signal, std::uint64_t new_address, std::uint64_t old_address) {
    Action wanted;
    if (new_address != 0) {
        wanted = UNIK_TRY(memory::AppSpan<Action>::readable(new_address, 1))[0];
        if (k_unblockable.has(signal))
            return Errno::einval;
        wanted.mask = wanted.mask.without(k_unblockable);
        wanted.flags &= k_known_flags; // programs look at what is left
    }
    if (old_address != 0)
        UNIK_TRY(memory::AppSpan<Action>::writable(old_address, 1))[0] = action_of(signal);
    if (new_address == 0)
        return {};
    set_handler_entry(&enter_handler);
    LockGuard guard(process().lock);
    action_of(signal) = wanted;
    if (!without_effect(wanted, signal))
        return {};
    const SignalSet gone = SignalSet::of(signal);
    process().pending.discard(gone);
    for_each_task([&](Task& task) { task.pending.discard(gone); });
    return {};
}

Result<void> change_stack(Task& task, const StackDescription& wanted, std::uint64_t stack_pointer) {
    const std::int32_t mode = wanted.flags & ~k_stack_disarms;
    if (task.alternate_stack.holds(stack_pointer) && !task.alternate_stack.disarms)
        return Errno::eperm;
    if (mode != 0 && mode != k_stack_in_use && mode != k_stack_disabled)
        return Errno::einval;
    if (mode == k_stack_disabled) {
        task.alternate_stack = {};
        return {};
    }
    if (wanted.size < k_smallest_stack)
        return Errno::enomem;
    task.alternate_stack = {.start = wanted.start,
                            .size = wanted.size,
                            .disarms = (wanted.flags & k_stack_disarms) != 0};
    return {};
}

StackDescription current_stack(const Task& task, std::uint64_t stack_pointer) {
    const AlternateStack& stack = task.alternate_stack;
    std::int32_t flags = stack.disarms ? k_stack_disarms : 0;
    if (stack.size == 0)
        flags |= k_stack_disabled;
    else if (stack.holds(stack_pointer) && !stack.disarms)
        flags |= k_stack_in_use;
    return {.start = stack.start, .flags = flags, .size = stack.size};
}

Result<void> exchange_stack(std::uint64_t new_address, std::uint64_t old_address,
                            std::uint64_t stack_pointer) {
    Task& task = current_task();
    const StackDescription before = current_stack(task, stack_pointer);
    if (new_address != 0) {
        const StackDescription wanted =
            UNIK_TRY(memory::AppSpan<StackDescription>::readable(new_address, 1))[0];
        UNIK_TRY(change_stack(task, wanted, stack_pointer));
    }
    if (old_address != 0)
        UNIK_TRY(memory::AppSpan<StackDescription>::writable(old_address, 1))[0] = before;
    return {};
}

} // namespace

std::int64_t rt_sigaction(SyscallArguments& arguments) {
    const auto signal = arguments.as<std::int32_t>(0);
    if (!valid_signal(signal) || arguments.value[3] != sizeof(SignalSet))
        return reply(Result<void>(Errno::einval));
    return reply(change_action(signal, arguments.value[1], arguments.value[2]));
}

std::int64_t sigaltstack(SyscallArguments& arguments) {
    return reply(exchange_stack(arguments.value[0], arguments.value[1], arguments.frame->rsp));
}

} // namespace os::linux
