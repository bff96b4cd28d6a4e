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

std::size_t ByteQueue::peek(MutableBytes buffer) const {
    const std::size_t count = smaller(buffer.size(), size_);
    std::size_t at = start_;
    for (std::size_t done = 0; done < count;) {
        const std::size_t run = smaller(count - done, ring_.size() - at);
        __builtin_memcpy(buffer.data() + done, ring_.data() + at, run);
        at = (at + run) % ring_.size();
        done += run;
    }
    return count;
}

std::size_t ByteQueue::drop(std::size_t count) {
    const std::size_t dropped = smaller(count, size_);
    size_ -= dropped;
    // When it is empty the next bytes lie in one run.
    start_ = size_ == 0 ? 0 : (start_ + dropped) % ring_.size();
    return dropped;
}

} // namespace os::linux
