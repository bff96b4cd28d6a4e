#include "event_file.hpp"

#include <foundation/format.hpp>

namespace os::linux {

namespace {
constexpr std::uint64_t k_most = UINT64_MAX - 1;
}

Result<std::size_t> EventFile::read(MutableBytes buffer) {
    if (buffer.size() < sizeof count_)
        return Errno::einval;
    while (count_ == 0) {
        if (non_blocking())
            return Errno::eagain;
        if (readers_.wait() == threads::WakeReason::interrupted)
            return Errno::eintr;
    }
    const std::uint64_t taken = reads_ == Reads::one ? 1 : count_;
    count_ -= taken;
    __builtin_memcpy(buffer.data(), &taken, sizeof taken);
    writers_.wake_all();
    source_.notify(vfs::k_poll_out);
    if (count_ > 0)
        readers_.wake_one();
    return sizeof taken;
}

Result<std::size_t> EventFile::write(Bytes buffer) {
    std::uint64_t added = 0;
    if (buffer.size() < sizeof added)
        return Errno::einval;
    __builtin_memcpy(&added, buffer.data(), sizeof added);
    if (added == UINT64_MAX)
        return Errno::einval;
    while (added > k_most - count_) {
        if (non_blocking())
            return Errno::eagain;
        if (writers_.wait() == threads::WakeReason::interrupted)
            return Errno::eintr;
    }
    count_ += added;
    if (count_ > 0)
        readers_.wake_one();
    source_.notify(vfs::k_poll_in);
    return sizeof added;
}

vfs::PollMask EventFile::poll() {
    return (count_ > 0 ? vfs::k_poll_in : 0) | (count_ < k_most ? vfs::k_poll_out : 0);
}

void EventFile::describe(char* buffer, std::size_t size) {
    format(buffer, size, "anon_inode:[eventfd]");
}

} // namespace os::linux
