// The system calls.
#include <linux-io/arguments.hpp>

#include "event_file.hpp"
#include "timer_file.hpp"

namespace os::linux {

namespace {

constexpr std::uint32_t k_semaphore = 1; // EFD_SEMAPHORE
constexpr std::uint32_t k_creation_flags = vfs::k_open_non_blocking | vfs::k_open_close_on_exec;

vfs::CloseOnExec close_on_exec(std::uint32_t flags) {
    return (flags & vfs::k_open_close_on_exec) != 0 ? vfs::CloseOnExec::yes : vfs::CloseOnExec::no;
}

Result<int> open_event(std::uint32_t count, std::uint32_t flags) {
    if ((flags & ~(k_creation_flags | k_semaphore)) != 0)
        return Errno::einval;
    const auto reads =
        (flags & k_semaphore) != 0 ? EventFile::Reads::one : EventFile::Reads::everything;
    return vfs::install(
        UNIK_TRY(try_make_ref<EventFile>(count, reads, flags & vfs::k_open_non_blocking)),
        close_on_exec(flags));
}

constexpr struct {
    int number;
    TimerFile::Clock clock;
} k_clocks[] = {
    {0, TimerFile::Clock::realtime},  // CLOCK_REALTIME
    {1, TimerFile::Clock::monotonic}, // CLOCK_MONOTONIC
    {7, TimerFile::Clock::monotonic}, // CLOCK_BOOTTIME: the machine never sleeps
    {8, TimerFile::Clock::realtime},  // CLOCK_REALTIME_ALARM
    {9, TimerFile::Clock::monotonic}, // CLOCK_BOOTTIME_ALARM
};

Result<int> open_timer(int clock, std::uint32_t flags) {
    if ((flags & ~k_creation_flags) != 0)
        return Errno::einval;
    for (const auto& known : k_clocks)
        if (known.number == clock)
            return vfs::install(
                UNIK_TRY(try_make_ref<TimerFile>(known.clock, flags & vfs::k_open_non_blocking)),
                close_on_exec(flags));
    return Errno::einval;
}

// The timer with its file, which stays open meanwhile.
struct OpenTimer {
    Ref<vfs::File> file;
    TimerFile* timer;
};

Result<OpenTimer> timer_argument(const SyscallArguments& arguments) {
    Ref<vfs::File> file = UNIK_TRY(file_argument(arguments, 0));
    TimerFile* timer = TimerFile::from(*file);
    if (timer == nullptr)
        return Errno::einval;
    return OpenTimer{std::move(file), timer};
}

constexpr std::uint32_t k_absolute = 1;      // TFD_TIMER_ABSTIME
constexpr std::uint32_t k_cancel_on_set = 2; // TFD_TIMER_CANCEL_ON_SET: the clock is never set back

Result<void> set_timer(const SyscallArguments& arguments) {
    const std::uint32_t flags = arguments.as<std::uint32_t>(1);
    if ((flags & ~(k_absolute | k_cancel_on_set)) != 0)
        return Errno::einval;
    const TimerSetting wanted =
        UNIK_TRY(memory::AppSpan<TimerSetting>::readable(arguments.value[2], 1))[0];
    const OpenTimer open = UNIK_TRY(timer_argument(arguments));
    const TimerSetting old = open.timer->setting();
    UNIK_TRY(open.timer->set(wanted, (flags & k_absolute) != 0 ? TimerFile::Value::absolute
                                                               : TimerFile::Value::relative));
    if (arguments.value[3] != 0)
        UNIK_TRY(memory::AppSpan<TimerSetting>::writable(arguments.value[3], 1))[0] = old;
    return {};
}

Result<void> get_timer(const SyscallArguments& arguments) {
    const OpenTimer open = UNIK_TRY(timer_argument(arguments));
    UNIK_TRY(memory::AppSpan<TimerSetting>::writable(arguments.value[1], 1))
    [0] = open.timer->setting();
    return {};
}

} // namespace

std::int64_t eventfd(SyscallArguments& arguments) {
    return reply(open_event(arguments.as<std::uint32_t>(0), 0));
}

std::int64_t eventfd2(SyscallArguments& arguments) {
    return reply(open_event(arguments.as<std::uint32_t>(0), arguments.as<std::uint32_t>(1)));
}

std::int64_t timerfd_create(SyscallArguments& arguments) {
    return reply(open_timer(arguments.as<int>(0), arguments.as<std::uint32_t>(1)));
}

std::int64_t timerfd_settime(SyscallArguments& arguments) {
    return reply(set_timer(arguments));
}

std::int64_t timerfd_gettime(SyscallArguments& arguments) {
    return reply(get_timer(arguments));
}

} // namespace os::linux
