// poll and ppoll.
#include <memory/address_space.hpp>
#include <vfs/file_table.hpp>

#include "poll_set.hpp"
#include "waiting.hpp"

namespace os::linux {

namespace {

// struct pollfd (poll.h).
struct PollDescriptor {
    std::int32_t descriptor;
    std::int16_t events;
    std::int16_t ready;
};
static_assert(sizeof(PollDescriptor) == 8);

Result<int> poll_descriptors(const SyscallArguments& arguments, Nanoseconds deadline) {
    const std::uint32_t count = arguments.as<std::uint32_t>(1);
    if (count > vfs::descriptor_limit())
        return Errno::einval;
    const Span<PollDescriptor> descriptors =
        UNIK_TRY(memory::AppSpan<PollDescriptor>::writable(arguments.value[0], count));
    PollSet set;
    for (const PollDescriptor& wanted : descriptors) {
        // A negative descriptor is to be left out; an empty item keeps the places the same.
        Result<Ref<vfs::File>> file = vfs::file_of(wanted.descriptor);
        if (file.ok())
            UNIK_TRY(set.add(std::move(file).value(), static_cast<std::uint16_t>(wanted.events)));
        else if (wanted.descriptor < 0)
            UNIK_TRY(set.add({}, 0));
        else
            UNIK_TRY(set.add_invalid());
    }
    const int ready = UNIK_TRY(set.wait(deadline));
    for (std::size_t i = 0; i < descriptors.size(); ++i)
        descriptors[i].ready = static_cast<std::int16_t>(set.items()[i].ready);
    return ready;
}

} // namespace

std::int64_t poll(SyscallArguments& arguments) {
    return reply(poll_descriptors(arguments, deadline_after_milliseconds(arguments.as<int>(2))));
}

std::int64_t ppoll(SyscallArguments& arguments) {
    const Result<Nanoseconds> deadline = deadline_argument(arguments.value[2]);
    if (!deadline.ok())
        return reply(Result<void>(deadline.error()));
    const Result<MaskedWait> mask = MaskedWait::begin(arguments.value[3], arguments.value[4]);
    if (!mask.ok())
        return reply(Result<void>(mask.error()));
    const Result<int> ready = poll_descriptors(arguments, deadline.value());
    store_time_left(arguments.value[2], deadline.value());
    return mask.value().end(ready);
}

} // namespace os::linux
