#include "pipe.hpp"

namespace os::linux {

namespace {

constexpr std::size_t k_first_size = 4096;

std::size_t smaller(std::size_t a, std::size_t b) {
    return a < b ? a : b;
}

} // namespace

bool ByteQueue::set_limit(std::size_t limit) {
    if (limit < size_)
        return false;
    limit_ = limit;
    return true;
}

// The bytes move to the front of a larger ring.
bool ByteQueue::grow(std::size_t wanted) {
    std::size_t capacity = ring_.empty() ? k_first_size : ring_.size();
    while (capacity < wanted && capacity < limit_)
        capacity *= 2;
    if (capacity <= ring_.size())
        return true;
    Vector<std::uint8_t> larger;
    if (!larger.resize(capacity).ok())
        return false;
    const std::size_t size = take({larger.data(), size_});
    ring_ = std::move(larger);
    start_ = 0;
    size_ = size;
    return true;
}

std::size_t ByteQueue::put(Bytes bytes) {
    const std::size_t wanted = smaller(bytes.size(), room());
    if (size_ + wanted > ring_.size())
        (void)grow(size_ + wanted);
    const std::size_t count = smaller(wanted, ring_.size() - size_);
    for (std::size_t done = 0; done < count;) {
        const std::size_t at = (start_ + size_) % ring_.size();
        const std::size_t run = smaller(count - done, ring_.size() - at);
        __builtin_memcpy(ring_.data() + at, bytes.data() + done, run);
        size_ += run;
        done += run;
    }
    return count;
}

std::size_t ByteQueue::take(MutableBytes buffer) {
    const std::size_t count = smaller(buffer.size(), size_);
    for (std::size_t done = 0; done < count;) {
        const std::size_t run = smaller(count - done, ring_.size() - start_);
        __builtin_memcpy(buffer.data() + done, ring_.data() + start_, run);
        start_ = (start_ + run) % ring_.size();
        size_ -= run;
        done += run;
    }
    if (size_ == 0)
        start_ = 0; // the next bytes lie in one run
    return count;
}

} // namespace os::linux
