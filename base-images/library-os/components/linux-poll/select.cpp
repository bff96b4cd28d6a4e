// select and pselect6. The three sets are bit maps of 64-bit words, as long as the first argument
// asks for.
#include <clock/clock.hpp>
#include <memory/address_space.hpp>
#include <vfs/file_table.hpp>

#include "poll_set.hpp"
#include "waiting.hpp"

namespace os::linux {

namespace {

// Which readiness each set asks for (Linux's POLLIN_SET and so on).
constexpr vfs::PollMask k_set_asks[3] = {vfs::k_poll_in, vfs::k_poll_out, vfs::k_poll_priority};
constexpr vfs::PollMask k_set_told[3] = {
    vfs::k_poll_in | vfs::k_poll_hang_up | vfs::k_poll_error,
    vfs::k_poll_out | vfs::k_poll_error,
    vfs::k_poll_priority,
};
constexpr int k_bits = 64;

class Selection {
public:
    Result<void> load(const SyscallArguments& arguments);
    Result<int> wait(Nanoseconds deadline);

private:
    bool asked(unsigned set, int descriptor) const {
        return !sets_[set].empty() && (bit_of(set, descriptor) & mask_of(descriptor)) != 0;
    }
    std::uint64_t& bit_of(unsigned set, int descriptor) const {
        return sets_[set][static_cast<std::size_t>(descriptor / k_bits)];
    }
    static std::uint64_t mask_of(int descriptor) { return 1ULL << (descriptor % k_bits); }
    int store(int descriptor, vfs::PollMask asks, vfs::PollMask ready);

    int count_ = 0;
    Span<std::uint64_t> sets_[3];
    PollSet poll_;
    Vector<int> descriptors_; // of the members of poll_
};

Result<void> Selection::load(const SyscallArguments& arguments) {
    count_ = arguments.as<int>(0);
    if (count_ < 0)
        return Errno::einval;
    // What lies beyond the descriptor limit cannot be open.
    const int limit = static_cast<int>(vfs::descriptor_limit());
    count_ = count_ < limit ? count_ : limit;
    const std::size_t words = static_cast<std::size_t>((count_ + k_bits - 1) / k_bits);
    for (unsigned set = 0; set < 3; ++set)
        if (arguments.value[set + 1] != 0)
            sets_[set] =
                UNIK_TRY(memory::AppSpan<std::uint64_t>::writable(arguments.value[set + 1], words));
    for (int descriptor = 0; descriptor < count_; ++descriptor) {
        vfs::PollMask asks = 0;
        for (unsigned set = 0; set < 3; ++set)
            if (asked(set, descriptor))
                asks |= k_set_asks[set];
        if (asks == 0)
            continue;
        UNIK_TRY(poll_.add(UNIK_TRY(vfs::file_of(descriptor)), asks));
        UNIK_TRY(descriptors_.push(descriptor));
    }
    return {};
}

int Selection::store(int descriptor, vfs::PollMask asks, vfs::PollMask ready) {
    int count = 0;
    for (unsigned set = 0; set < 3; ++set)
        if ((asks & k_set_asks[set]) != 0 && (ready & k_set_told[set]) != 0) {
            bit_of(set, descriptor) |= mask_of(descriptor);
            ++count;
        }
    return count;
}

Result<int> Selection::wait(Nanoseconds deadline) {
    UNIK_TRY(poll_.wait(deadline));
    for (const Span<std::uint64_t>& set : sets_)
        for (std::uint64_t& word : set)
            word = 0;
    int count = 0;
    const Span<const PollSet::Item> items = poll_.items();
    for (std::size_t i = 0; i < items.size(); ++i)
        count += store(descriptors_[i], items[i].wanted, items[i].ready);
    return count;
}

Result<int> select_descriptors(const SyscallArguments& arguments, Nanoseconds deadline) {
    Selection selection;
    UNIK_TRY(selection.load(arguments));
    return selection.wait(deadline);
}

// struct timeval.
struct Timeval {
    std::int64_t seconds;
    std::int64_t microseconds;
};

Result<Nanoseconds> timeval_deadline(std::uint64_t address) {
    if (address == 0)
        return k_forever;
    const Timeval span = UNIK_TRY(memory::AppSpan<Timeval>::readable(address, 1))[0];
    if (span.seconds < 0 || span.microseconds < 0 || span.microseconds > INT64_MAX / 1000)
        return Errno::einval;
    const std::int64_t more_seconds = span.microseconds / 1'000'000;
    if (span.seconds > INT64_MAX - more_seconds)
        return k_forever;
    return deadline_after({span.seconds + more_seconds, span.microseconds % 1'000'000 * 1000});
}

// Linux's select tells the time left.
void store_timeval_left(std::uint64_t address, Nanoseconds deadline) {
    if (address == 0 || deadline == k_forever)
        return;
    const auto out = memory::AppSpan<Timeval>::writable(address, 1);
    if (!out.ok())
        return;
    const std::int64_t left = (deadline - clock::monotonic()).value;
    out.value()[0] =
        left > 0 ? Timeval{left / vfs::k_second, left % vfs::k_second / 1000} : Timeval{};
}

// pselect6's last argument: the mask and its size.
struct MaskArgument {
    std::uint64_t address;
    std::uint64_t size;
};

Result<MaskedWait> begin_masked(std::uint64_t address) {
    if (address == 0)
        return MaskedWait::begin(0, 0);
    const MaskArgument mask = UNIK_TRY(memory::AppSpan<MaskArgument>::readable(address, 1))[0];
    return MaskedWait::begin(mask.address, mask.size);
}

} // namespace

std::int64_t select(SyscallArguments& arguments) {
    const Result<Nanoseconds> deadline = timeval_deadline(arguments.value[4]);
    if (!deadline.ok())
        return reply(Result<void>(deadline.error()));
    const Result<int> ready = select_descriptors(arguments, deadline.value());
    store_timeval_left(arguments.value[4], deadline.value());
    return reply(ready);
}

std::int64_t pselect6(SyscallArguments& arguments) {
    const Result<Nanoseconds> deadline = deadline_argument(arguments.value[4]);
    if (!deadline.ok())
        return reply(Result<void>(deadline.error()));
    const Result<MaskedWait> mask = begin_masked(arguments.value[5]);
    if (!mask.ok())
        return reply(Result<void>(mask.error()));
    const Result<int> ready = select_descriptors(arguments, deadline.value());
    store_time_left(arguments.value[4], deadline.value());
    return mask.value().end(ready);
}

} // namespace os::linux
