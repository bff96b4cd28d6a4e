// Memory that can be had back: caches give up clean frames when there are no others.
#pragma once

#include <cstddef>

#include <foundation/list.hpp>

namespace os::memory {

class Reclaimer : public ListNode<> {
public:
    virtual ~Reclaimer() = default;
    // Frees up to so many frames; says how many. Neither blocks nor allocates.
    virtual std::size_t reclaim(std::size_t frames) = 0;
};

// Asked by the frame allocator before it gives up. Registered for ever.
void register_reclaimer(Reclaimer& reclaimer);

} // namespace os::memory
