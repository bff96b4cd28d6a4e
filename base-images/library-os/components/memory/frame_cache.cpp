#include "frame_cache.hpp"

namespace os::memory {

Result<std::uint64_t> FrameCache::allocate(Buddy& buddy) {
    constexpr unsigned k_batch_order = 4;
    if (count_ == 0) {
        const Result<std::uint64_t> batch = buddy.allocate(k_batch_order);
        if (!batch.ok())
            return buddy.allocate(0);
        buddy.separate(batch.value(), k_batch_order);
        // Handed out in ascending order.
        for (std::uint64_t i = 1ULL << k_batch_order; i-- > 0;) {
            buddy.park(batch.value() + i);
            frames_[count_++] = batch.value() + i;
        }
    }
    const std::uint64_t frame = frames_[--count_];
    buddy.unpark(frame);
    return frame;
}

void FrameCache::free(Buddy& buddy, std::uint64_t frame) {
    if (count_ == k_most)
        shrink(buddy, k_most / 2);
    buddy.park(frame);
    frames_[count_++] = frame;
}

// What has lain longest goes.
void FrameCache::shrink(Buddy& buddy, unsigned count) {
    const unsigned gone = count_ - count;
    for (unsigned i = 0; i < gone; ++i) {
        buddy.unpark(frames_[i]);
        buddy.free(frames_[i], 0);
    }
    for (unsigned i = 0; i < count; ++i)
        frames_[i] = frames_[i + gone];
    count_ = count;
}

} // namespace os::memory
