// What the calls that wait share: deadlines and signal masks.
#pragma once

#include <foundation/result.hpp>
#include <foundation/types.hpp>
#include <syscall/syscall.hpp>
#include <vfs/stat.hpp>

namespace os::linux {

// A point on the monotonic clock; k_forever where the program set no limit, 0 for "do not wait".
Result<Nanoseconds> deadline_after(const vfs::Timespec& span); // einval when negative or malformed
Result<Nanoseconds> deadline_argument(std::uint64_t timespec_address); // 0: for ever
Nanoseconds deadline_after_milliseconds(std::int64_t milliseconds);    // negative: for ever
// ppoll and pselect6 tell how much time was left, as far as that address can be written.
void store_time_left(std::uint64_t timespec_address, Nanoseconds deadline);

// Waits under the program's mask: begin, then end with the result of the call.
class MaskedWait {
public:
    // einval unless the mask has the kernel's size of 8 bytes; address 0 is no mask.
    static Result<MaskedWait> begin(std::uint64_t mask_address, std::uint64_t mask_size);
    // Returns the value for the program; the old mask comes back now, or after the signal.
    std::int64_t end(const Result<int>& result) const;

private:
    explicit MaskedWait(bool active) : active_(active) {}
    bool active_;
};

} // namespace os::linux
