// The ChaCha20 block function (RFC 8439, section 2.3).
#pragma once

#include <cstdint>

namespace os::random {

inline constexpr unsigned k_chacha_key_words = 8;
inline constexpr unsigned k_chacha_block_words = 16;

// One block of key stream, as words; their bytes in little-endian order are the RFC's.
void chacha20_block(const std::uint32_t (&key)[k_chacha_key_words], std::uint32_t counter,
                    const std::uint32_t (&nonce)[3], std::uint32_t (&out)[k_chacha_block_words]);

} // namespace os::random
