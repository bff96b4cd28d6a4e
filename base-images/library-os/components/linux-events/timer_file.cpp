#include "timer_file.hpp"

#include <clock/clock.hpp>
#include <foundation/format.hpp>

namespace os::linux {

namespace {

constexpr std::int64_t k_most_seconds = INT64_MAX / vfs::k_second / 2;

Result<Nanoseconds> span_of(const vfs::Timespec& time) {
    if (time.seconds < 0 || time.nanoseconds < 0 || time.nanoseconds >= vfs::k_second)
        return Errno::einval;
    const std::int64_t seconds = time.seconds < k_most_seconds ? time.seconds : k_most_seconds;
    return Nanoseconds{seconds * vfs::k_second + time.nanoseconds};
}

} // namespace

// Nobody is told again before looking, so a timer that nobody reads does not wake the machine.
void TimerFile::expire(void* argument) {
    TimerFile& file = *static_cast<TimerFile*>(argument);
    ++file.expirations_;
    file.rests_ = file.interval_.value > 0;
    file.readers_.wake_one();
    file.source_.notify(vfs::k_poll_in);
}

// Periods that went by unseen are counted, and the next deadline stays on the grid.
void TimerFile::catch_up() {
    if (!rests_)
        return;
    rests_ = false;
    const Nanoseconds late = clock::monotonic() - timer_.deadline();
    const std::int64_t missed = late.value > 0 ? late.value / interval_.value : 0;
    expirations_ += static_cast<std::uint64_t>(missed);
    timer_.set(timer_.deadline() + Nanoseconds{(missed + 1) * interval_.value});
}

Result<void> TimerFile::set(const TimerSetting& setting, Value value) {
    const Nanoseconds interval = UNIK_TRY(span_of(setting.interval));
    Nanoseconds deadline = UNIK_TRY(span_of(setting.value));
    timer_.cancel();
    expirations_ = 0;
    rests_ = false;
    interval_ = interval;
    if (setting.value.seconds == 0 && setting.value.nanoseconds == 0)
        return {}; // disarmed
    if (value == Value::relative)
        deadline = clock::monotonic() + deadline;
    else if (clock_ == Clock::realtime)
        deadline = deadline - (clock::realtime() - clock::monotonic());
    timer_.set(deadline);
    return {};
}

TimerSetting TimerFile::setting() {
    catch_up();
    TimerSetting out{vfs::timespec_of(interval_), {}};
    if (timer_.armed()) {
        const Nanoseconds left = timer_.deadline() - clock::monotonic();
        out.value = vfs::timespec_of(left.value > 0 ? left : Nanoseconds{1});
    }
    return out;
}

Result<std::size_t> TimerFile::read(MutableBytes buffer) {
    if (buffer.size() < sizeof expirations_)
        return Errno::einval;
    while (expirations_ == 0) {
        if (non_blocking())
            return Errno::eagain;
        if (readers_.wait() == threads::WakeReason::interrupted)
            return Errno::eintr;
    }
    catch_up();
    __builtin_memcpy(buffer.data(), &expirations_, sizeof expirations_);
    expirations_ = 0;
    return sizeof expirations_;
}

void TimerFile::describe(char* buffer, std::size_t size) {
    format(buffer, size, "anon_inode:[timerfd]");
}

} // namespace os::linux
