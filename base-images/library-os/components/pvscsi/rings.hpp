// The two rings and the page of their indices, one page each. The adapter may write any of it at
// any time: what it says is copied before it is looked at, and an index that cannot be right breaks
// the rings for good.
#pragma once

#include "layout.hpp"

namespace os::pvscsi {

class Rings {
public:
    // Three pages. Clears them.
    void initialise(void* state, void* requests, void* completions);

    // There must be room: no more than k_request_entries are out at once.
    void add(const Request& request);
    bool take(Completion& out);
    bool broken() const { return broken_; }

private:
    volatile RingState* state_ = nullptr;
    Request* requests_ = nullptr;
    const Completion* completions_ = nullptr;
    std::uint32_t made_ = 0;
    std::uint32_t taken_ = 0;
    bool broken_ = false;
};

} // namespace os::pvscsi
