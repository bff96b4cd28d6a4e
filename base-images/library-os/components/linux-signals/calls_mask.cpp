// Masks, and waiting for signals.
#include <clock/clock.hpp>
#include <linux-signals/signals.hpp>
#include <linux-signals/task.hpp>
#include <memory/address_space.hpp>
#include <syscall/syscall.hpp>
#include <threads/wait_queue.hpp>

namespace os::linux {

namespace {

using namespace linux_signals;

enum class MaskChange : std::uint64_t { block = 0, unblock = 1, set = 2 };

Result<SignalSet> changed(SignalSet from, MaskChange how, SignalSet by) {
    switch (how) {
    case MaskChange::block: return from | by;
    case MaskChange::unblock: return from.without(by);
    case MaskChange::set: return by;
    }
    return Errno::einval;
}

Result<void> change_mask(MaskChange how, std::uint64_t new_address, std::uint64_t old_address) {
    Task& task = current_task();
    const SignalSet before = task.blocked;
    SignalSet after = before;
    if (new_address != 0) {
        const SignalSet by = UNIK_TRY(memory::AppSpan<SignalSet>::readable(new_address, 1))[0];
        after = UNIK_TRY(changed(before, how, by.without(k_unblockable)));
    }
    if (old_address != 0)
        UNIK_TRY(memory::AppSpan<SignalSet>::writable(old_address, 1))[0] = before;
    if (!(after == before))
        set_blocked(task, after);
    return {};
}

Result<void> store_pending(std::uint64_t address, std::size_t size) {
    if (size > sizeof(SignalSet))
        return Errno::einval;
    const SignalSet set = pending_for_current() & current_task().blocked;
    const Span<std::uint8_t> out = UNIK_TRY(memory::AppSpan<std::uint8_t>::writable(address, size));
    __builtin_memcpy(out.data(), &set, size);
    return {};
}

void wait_for_delivery() {
    threads::WaitQueue nobody;
    while (!deliverable())
        static_cast<void>(nobody.wait());
}

struct Timespec {
    std::int64_t seconds;
    std::int64_t nanoseconds;
};

Result<Nanoseconds> deadline_of(std::uint64_t address) {
    constexpr std::int64_t k_second = 1'000'000'000;
    if (address == 0)
        return k_forever;
    const Timespec time = UNIK_TRY(memory::AppSpan<Timespec>::readable(address, 1))[0];
    if (time.seconds < 0 || time.nanoseconds < 0 || time.nanoseconds >= k_second)
        return Errno::einval;
    if (time.seconds > INT64_MAX / k_second / 2)
        return k_forever;
    return clock::monotonic() + Nanoseconds{time.seconds * k_second + time.nanoseconds};
}

// eagain at the deadline, eintr when another signal is to be handled.
Result<SignalInfo> wait_for_signal(Task& task, Nanoseconds deadline) {
    threads::WaitQueue nobody;
    SignalInfo info;
    for (;;) {
        if (take_for_current(task.waiting_for, info))
            return info;
        if (deliverable())
            return Errno::eintr;
        if (nobody.wait(deadline) == threads::WakeReason::timed_out)
            return take_for_current(task.waiting_for, info) ? Result<SignalInfo>(info)
                                                            : Errno::eagain;
    }
}

Result<int> wait_and_store(std::uint64_t set_address, std::uint64_t info_address,
                           std::uint64_t timeout_address) {
    const SignalSet wanted = UNIK_TRY(memory::AppSpan<SignalSet>::readable(set_address, 1))[0];
    const Nanoseconds deadline = UNIK_TRY(deadline_of(timeout_address));
    Task& task = current_task();
    task.waiting_for = wanted.without(k_unblockable);
    const Result<SignalInfo> info = wait_for_signal(task, deadline);
    task.waiting_for = {};
    if (!info.ok())
        return info.error();
    if (info_address != 0) {
        const Span<std::uint8_t> out =
            UNIK_TRY(memory::AppSpan<std::uint8_t>::writable(info_address, k_program_info_size));
        __builtin_memset(out.data(), 0, out.size());
        __builtin_memcpy(out.data(), &info.value(), sizeof(SignalInfo));
    }
    return info.value().signal;
}

} // namespace

std::int64_t rt_sigprocmask(SyscallArguments& arguments) {
    if (arguments.value[3] != sizeof(SignalSet))
        return reply(Result<void>(Errno::einval));
    return reply(change_mask(arguments.as<MaskChange>(0), arguments.value[1], arguments.value[2]));
}

std::int64_t rt_sigpending(SyscallArguments& arguments) {
    return reply(store_pending(arguments.value[0], arguments.value[1]));
}

std::int64_t rt_sigsuspend(SyscallArguments& arguments) {
    if (arguments.value[1] != sizeof(SignalSet))
        return reply(Result<void>(Errno::einval));
    const auto mask = memory::AppSpan<SignalSet>::readable(arguments.value[0], 1);
    if (!mask.ok())
        return reply(Result<void>(mask.error()));
    begin_masked_wait(mask.value()[0]);
    wait_for_delivery();
    return syscall::k_restart_or_eintr;
}

std::int64_t pause(SyscallArguments&) {
    wait_for_delivery();
    return syscall::k_restart_or_eintr;
}

std::int64_t rt_sigtimedwait(SyscallArguments& arguments) {
    if (arguments.value[3] != sizeof(SignalSet))
        return reply(Result<void>(Errno::einval));
    return reply(wait_and_store(arguments.value[0], arguments.value[1], arguments.value[2]));
}

} // namespace os::linux
