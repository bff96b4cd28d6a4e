// Setting times: utimensat, and its older relatives with seconds or microseconds.
#include <clock/clock.hpp>
#include <linux-files/paths.hpp>

namespace os::linux {

namespace {

constexpr std::int64_t k_now = 0x3fffffff;  // UTIME_NOW
constexpr std::int64_t k_omit = 0x3ffffffe; // UTIME_OMIT
constexpr vfs::Timespec k_both_now[2] = {{0, k_now}, {0, k_now}};
constexpr std::int64_t k_most_seconds = INT64_MAX / vfs::k_second - 1;

struct Timeval {
    std::int64_t seconds;
    std::int64_t microseconds;
};

Result<Nanoseconds> chosen(const vfs::Timespec& wanted, Nanoseconds old, Nanoseconds now) {
    if (wanted.nanoseconds == k_now)
        return now;
    if (wanted.nanoseconds == k_omit)
        return old;
    if (wanted.nanoseconds < 0 || wanted.nanoseconds >= vfs::k_second)
        return Errno::einval;
    if (wanted.seconds > k_most_seconds || wanted.seconds < -k_most_seconds)
        return Errno::einval;
    return Nanoseconds{wanted.seconds * vfs::k_second + wanted.nanoseconds};
}

Result<void> set_times(vfs::Inode* inode, const vfs::Timespec (&times)[2]) {
    if (inode == nullptr)
        return Errno::einval;
    const Nanoseconds now = clock::realtime();
    vfs::Attributes attributes = inode->attributes();
    attributes.accessed = UNIK_TRY(chosen(times[0], attributes.accessed, now));
    attributes.modified = UNIK_TRY(chosen(times[1], attributes.modified, now));
    if (times[0].nanoseconds == k_omit && times[1].nanoseconds == k_omit)
        return {};
    UNIK_TRY(inode->check_changeable());
    attributes.changed = now;
    return inode->set_attributes(attributes);
}

struct Times {
    vfs::Timespec values[2];
};

Result<Times> times_in_nanoseconds(std::uint64_t address) {
    if (address == 0)
        return Times{{k_both_now[0], k_both_now[1]}};
    const auto times = UNIK_TRY(memory::AppSpan<vfs::Timespec>::readable(address, 2));
    return Times{{times[0], times[1]}};
}

Result<Times> times_in_microseconds(std::uint64_t address) {
    if (address == 0)
        return Times{{k_both_now[0], k_both_now[1]}};
    const auto times = UNIK_TRY(memory::AppSpan<Timeval>::readable(address, 2));
    Times out{};
    for (unsigned i = 0; i < 2; ++i) {
        const Timeval time = times[i];
        if (time.microseconds < 0 || time.microseconds >= 1'000'000)
            return Errno::einval;
        out.values[i] = {time.seconds, time.microseconds * 1000};
    }
    return out;
}

Result<Times> times_in_seconds(std::uint64_t address) {
    if (address == 0)
        return Times{{k_both_now[0], k_both_now[1]}};
    const auto times = UNIK_TRY(memory::AppSpan<std::int64_t>::readable(address, 2));
    return Times{{{times[0], 0}, {times[1], 0}}};
}

Result<void> set_times_at(int directory, const Result<StringView>& path,
                          const Result<Times>& times) {
    if (!times.ok())
        return times.error();
    if (!path.ok())
        return path.error();
    const Ref<vfs::Inode> inode = UNIK_TRY(vfs::resolve(directory, path.value()));
    return set_times(inode.get(), times->values);
}

Result<void> set_times_named(const SyscallArguments& arguments) {
    const std::uint32_t flags = arguments.as<std::uint32_t>(3);
    if ((flags & ~(k_at_no_follow | k_at_empty_path)) != 0)
        return Errno::einval;
    const Times times = UNIK_TRY(times_in_nanoseconds(arguments.value[2]));
    // A null path is the descriptor itself: futimens.
    const bool itself = arguments.value[1] == 0;
    if (itself && arguments.as<int>(0) == vfs::k_at_working_directory)
        return Errno::efault;
    const Named named =
        UNIK_TRY(named_argument(arguments, 0, 1, itself ? flags | k_at_empty_path : flags));
    return set_times(named.file ? named.file->inode() : named.inode.get(), times.values);
}

} // namespace

std::int64_t utimensat(SyscallArguments& arguments) {
    return reply(set_times_named(arguments));
}

std::int64_t utimes(SyscallArguments& arguments) {
    return reply(set_times_at(vfs::k_at_working_directory, path_argument(arguments, 0),
                              times_in_microseconds(arguments.value[1])));
}

std::int64_t futimesat(SyscallArguments& arguments) {
    return reply(set_times_at(arguments.as<int>(0), path_argument(arguments, 1),
                              times_in_microseconds(arguments.value[2])));
}

std::int64_t utime(SyscallArguments& arguments) {
    return reply(set_times_at(vfs::k_at_working_directory, path_argument(arguments, 0),
                              times_in_seconds(arguments.value[1])));
}

} // namespace os::linux
