#include <memory/reclaim.hpp>

#include "with_reclaim.hpp"

namespace os::memory {

namespace {

constinit List<Reclaimer> g_reclaimers;

} // namespace

void register_reclaimer(Reclaimer& reclaimer) {
    g_reclaimers.push_back(reclaimer);
}

bool reclaim(std::size_t frames) {
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

} // namespace os::memory
