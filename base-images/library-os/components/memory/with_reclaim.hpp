// Asking the caches for frames, on behalf of whoever found none.
#pragma once

#include <cstddef>

namespace os::memory {

// Set with the first cache, so that images without one carry nothing of this.
struct Reclaiming {
    // Whether any frames came back. Called with none of the allocators' locks held.
    bool (*from_caches)(std::size_t frames) = nullptr;
    // Whether pages that mappings show went back to their pagers, whose caches then can give them.
    bool (*from_mappings)() = nullptr;
};
extern constinit Reclaiming g_reclaiming;

inline bool reclaim(std::size_t frames) {
    return g_reclaiming.from_caches != nullptr && g_reclaiming.from_caches(frames);
}
inline bool reclaim_from_mappings() {
    return g_reclaiming.from_mappings != nullptr && g_reclaiming.from_mappings();
}

// Tries again for as long as the caches give something.
template <typename Attempt>
auto with_reclaim(std::size_t frames, Attempt attempt) {
    auto got = attempt();
    while (!got && reclaim(frames))
        got = attempt();
    return got;
}

} // namespace os::memory
