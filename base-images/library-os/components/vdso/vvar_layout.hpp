// The page before the vDSO's image: what its functions need to know, written by the kernel. Shared
// by both sides.
//
// A sequence lock: odd while the kernel writes; a reader starts again when it saw an odd number or
// another one afterwards.
#pragma once

#include <cstddef>
#include <cstdint>

namespace os::vdso {

inline constexpr std::size_t k_vvar_size = 4096;

struct Vvar {
    std::uint32_t sequence;
    std::uint32_t shift;
    std::uint64_t base_tsc;
    std::uint64_t multiplier; // monotonic = ((tsc - base_tsc) * multiplier) >> shift
    std::int64_t realtime_offset;
};
static_assert(sizeof(Vvar) == 32);

} // namespace os::vdso
