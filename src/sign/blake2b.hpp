// BLAKE2b with 32 bytes of output (RFC 7693), the checksum inside minisign's secret-key files.
// OpenSSL 3.0 has BLAKE2b with 64 bytes only, and a shorter output is no prefix of a longer one.
// What is signed is hashed by OpenSSL.
#pragma once

#include <array>

#include <support/file.hpp>

namespace unik::sign {

using Checksum = std::array<std::uint8_t, 32>;

Checksum blake2b_256(ByteSpan bytes);

} // namespace unik::sign
