#include "waiting.hpp"

#include <clock/clock.hpp>
#include <memory/address_space.hpp>
#include <vfs/hooks.hpp>

namespace os::linux {

namespace {
constexpr std::int64_t k_nanoseconds_per_millisecond = 1'000'000;
constexpr std::int64_t k_longest_wait_seconds = INT64_MAX / vfs::k_second / 2;
} // namespace

Result<Nanoseconds> deadline_after(const vfs::Timespec& span) {
    if (span.seconds < 0 || span.nanoseconds < 0 || span.nanoseconds >= vfs::k_second)
        return Errno::einval;
    if (span.seconds == 0 && span.nanoseconds == 0)
        return Nanoseconds{0};
    if (span.seconds > k_longest_wait_seconds)
        return k_forever;
    return clock::monotonic() + Nanoseconds{span.seconds * vfs::k_second + span.nanoseconds};
}

Result<Nanoseconds> deadline_argument(std::uint64_t timespec_address) {
    if (timespec_address == 0)
        return k_forever;
    const vfs::Timespec span =
        UNIK_TRY(memory::AppSpan<vfs::Timespec>::readable(timespec_address, 1))[0];
    return deadline_after(span);
}

Nanoseconds deadline_after_milliseconds(std::int64_t milliseconds) {
    if (milliseconds < 0)
        return k_forever;
    if (milliseconds == 0)
        return Nanoseconds{0};
    return clock::monotonic() + Nanoseconds{milliseconds * k_nanoseconds_per_millisecond};
}

void store_time_left(std::uint64_t timespec_address, Nanoseconds deadline) {
    if (timespec_address == 0 || deadline == k_forever)
        return;
    const auto out = memory::AppSpan<vfs::Timespec>::writable(timespec_address, 1);
    if (!out.ok())
        return;
    const Nanoseconds left = deadline - clock::monotonic();
    out.value()[0] = left.value > 0 ? vfs::timespec_of(left) : vfs::Timespec{};
}

Result<MaskedWait> MaskedWait::begin(std::uint64_t mask_address, std::uint64_t mask_size) {
    if (mask_address == 0)
        return MaskedWait(false);
    if (mask_size != sizeof(std::uint64_t))
        return Errno::einval;
    const std::uint64_t mask =
        UNIK_TRY(memory::AppSpan<std::uint64_t>::readable(mask_address, 1))[0];
    vfs::begin_masked_wait(mask);
    return MaskedWait(true);
}

// poll and its kind are not restarted after a handler, whatever SA_RESTART says (signal(7)).
std::int64_t MaskedWait::end(const Result<int>& result) const {
    const bool interrupted = !result.ok() && result.error() == Errno::eintr;
    if (active_ && !interrupted)
        vfs::end_masked_wait();
    return reply(result);
}

} // namespace os::linux
