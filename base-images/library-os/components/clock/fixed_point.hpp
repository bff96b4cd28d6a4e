// Multiplying by a fraction that is kept as an integer of 2^-32.
#pragma once

#include <cstdint>

namespace os::clock {

inline constexpr unsigned k_fraction_bits = 32;

constexpr std::uint64_t scale(std::uint64_t value, std::uint64_t multiplier) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>((static_cast<Wide>(value) * multiplier) >> k_fraction_bits);
}

} // namespace os::clock
