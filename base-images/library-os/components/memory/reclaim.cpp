#include <memory/reclaim.hpp>

#include "address_space_state.hpp"
#include "with_reclaim.hpp"

namespace os::memory {

constinit Reclaiming g_reclaiming;

namespace {

constinit List<Reclaimer> g_reclaimers;

bool reclaim_from_caches(std::size_t frames) {
    // Not one by one: who needs a frame soon needs another.
    constexpr std::size_t k_least = 32;
    const std::size_t wanted = frames < k_least ? k_least : frames;
    std::size_t got = 0;
    g_reclaimers.for_each([&](Reclaimer& reclaimer) {
        if (got < wanted)
            got += reclaimer.reclaim(wanted - got);
    });
    return got != 0;
}

} // namespace

void register_reclaimer(Reclaimer& reclaimer) {
    g_reclaimers.push_back(reclaimer);
    g_reclaiming = {reclaim_from_caches, release_lent_pages};
}

} // namespace os::memory
