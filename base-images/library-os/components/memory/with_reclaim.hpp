// Asking the caches for frames, on behalf of whoever found none.
#pragma once

#include <cstddef>

namespace os::memory {

// Whether any came back. Called with none of the allocators' locks held.
bool reclaim(std::size_t frames);

// Tries again for as long as the caches give something.
template <typename Attempt>
auto with_reclaim(std::size_t frames, Attempt attempt) {
    auto got = attempt();
    while (!got && reclaim(frames))
        got = attempt();
    return got;
}

} // namespace os::memory
