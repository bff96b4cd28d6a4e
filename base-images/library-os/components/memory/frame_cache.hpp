// A few single frames at hand, so that the usual request costs no splitting and merging: the one
// that came back last goes out first, while it is still in the CPU's cache.
#pragma once

#include "buddy.hpp"

namespace os::memory {

class FrameCache {
public:
    static constexpr unsigned k_most = 32;

    Result<std::uint64_t> allocate(Buddy& buddy);
    void free(Buddy& buddy, std::uint64_t frame);
    // Gives all back, for a request that needs more than one frame in a row.
    void drain(Buddy& buddy) { shrink(buddy, 0); }
    unsigned count() const { return count_; }

private:
    void shrink(Buddy& buddy, unsigned count);

    std::uint64_t frames_[k_most] = {};
    unsigned count_ = 0;
};

} // namespace os::memory
