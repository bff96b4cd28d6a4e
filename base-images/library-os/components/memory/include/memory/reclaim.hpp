// Memory that can be had back: caches give up clean frames when there are no others.
#pragma once

#include <cstddef>

#include <foundation/list.hpp>

namespace os::memory {

class Reclaimer : public ListNode<> {
public:
    virtual ~Reclaimer() = default;
    // Frees up to so many frames; says how many. Neither blocks nor allocates. Any allocation may
    // come here, the cache's own too: while it changes its structures it has nothing to give. No
    // lock that is held while memory is allocated may be taken.
    virtual std::size_t reclaim(std::size_t frames) = 0;
};

// Asked before an allocation fails, in the order in which they were registered; for ever.
void register_reclaimer(Reclaimer& reclaimer);

} // namespace os::memory
