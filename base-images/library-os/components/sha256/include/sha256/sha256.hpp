// SHA-256 (FIPS 180-4, section 6.2) without the vector registers, which are the program's.
#pragma once

#include <cstdint>

#include <foundation/span.hpp>

namespace os {

struct Sha256Digest {
    std::uint8_t bytes[32] = {};
    bool operator==(const Sha256Digest&) const = default;
};

Sha256Digest sha256(Bytes message);

} // namespace os
