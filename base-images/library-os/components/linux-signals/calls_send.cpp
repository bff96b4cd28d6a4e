// Sending signals. There is one process, number 1, and its threads.
#include <linux-signals/signals.hpp>
#include <linux-signals/task.hpp>
#include <memory/address_space.hpp>
#include <syscall/syscall.hpp>

namespace os::linux {

namespace {

using namespace linux_signals;

constexpr std::int32_t k_own_process = 1;

// kill's pid: the process, its group, or everybody; the latter leaves out the sender.
Result<void> send_to_process(std::int32_t process_id, std::int32_t signal) {
    if (signal != 0 && !valid_signal(signal))
        return Errno::einval;
    const bool own = process_id == k_own_process || process_id == 0 || process_id == -k_own_process;
    if (!own)
        return Errno::esrch;
    if (signal == 0)
        return {};
    return raise_for_process(SignalInfo::sent(signal, k_code_user));
}

Result<void> send_to_thread(std::int32_t thread_id, const SignalInfo& info) {
    if (thread_id <= 0 || (info.signal != 0 && !valid_signal(info.signal)))
        return Errno::einval;
    Task* task = find_task(thread_id);
    if (task == nullptr)
        return Errno::esrch;
    if (info.signal == 0)
        return {};
    return raise_for_task(*task, info);
}

Result<SignalInfo> info_from(std::uint64_t address, std::int32_t signal) {
    SignalInfo info = UNIK_TRY(memory::AppSpan<SignalInfo>::readable(address, 1))[0];
    info.signal = signal;
    return info;
}

Result<void> queue(std::int32_t signal, std::uint64_t address) {
    const SignalInfo info = UNIK_TRY(info_from(address, signal));
    if (!valid_signal(signal))
        return signal == 0 ? Result<void>() : Errno::einval;
    return raise_for_process(info);
}

Result<void> queue_to_thread(std::int32_t thread_id, std::int32_t signal, std::uint64_t address) {
    return send_to_thread(thread_id, UNIK_TRY(info_from(address, signal)));
}

} // namespace

std::int64_t kill(SyscallArguments& arguments) {
    return reply(send_to_process(arguments.as<std::int32_t>(0), arguments.as<std::int32_t>(1)));
}

std::int64_t tkill(SyscallArguments& arguments) {
    const SignalInfo info = SignalInfo::sent(arguments.as<std::int32_t>(1), k_code_thread);
    return reply(send_to_thread(arguments.as<std::int32_t>(0), info));
}

std::int64_t tgkill(SyscallArguments& arguments) {
    const auto process_id = arguments.as<std::int32_t>(0);
    if (process_id <= 0)
        return reply(Result<void>(Errno::einval));
    if (process_id != k_own_process)
        return reply(Result<void>(Errno::esrch));
    const SignalInfo info = SignalInfo::sent(arguments.as<std::int32_t>(2), k_code_thread);
    return reply(send_to_thread(arguments.as<std::int32_t>(1), info));
}

std::int64_t rt_sigqueueinfo(SyscallArguments& arguments) {
    if (arguments.as<std::int32_t>(0) != k_own_process)
        return reply(Result<void>(Errno::esrch));
    return reply(queue(arguments.as<std::int32_t>(1), arguments.value[2]));
}

std::int64_t rt_tgsigqueueinfo(SyscallArguments& arguments) {
    if (arguments.as<std::int32_t>(0) != k_own_process)
        return reply(Result<void>(Errno::esrch));
    return reply(queue_to_thread(arguments.as<std::int32_t>(1), arguments.as<std::int32_t>(2),
                                 arguments.value[3]));
}

} // namespace os::linux
