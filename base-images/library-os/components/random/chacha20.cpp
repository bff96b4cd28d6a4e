#include "chacha20.hpp"

#include <bit>

namespace os::random {
namespace {

inline void quarter_round(std::uint32_t& a, std::uint32_t& b, std::uint32_t& c, std::uint32_t& d) {
    a += b;
    d = std::rotl(d ^ a, 16);
    c += d;
    b = std::rotl(b ^ c, 12);
    a += b;
    d = std::rotl(d ^ a, 8);
    c += d;
    b = std::rotl(b ^ c, 7);
}

} // namespace

void chacha20_block(const std::uint32_t (&key)[k_chacha_key_words], std::uint32_t counter,
                    const std::uint32_t (&nonce)[3], std::uint32_t (&out)[k_chacha_block_words]) {
    // "expand 32-byte k"
    const std::uint32_t start[k_chacha_block_words] = {
        0x61707865, 0x3320646e, 0x79622d32, 0x6b206574, key[0],  key[1],   key[2],   key[3],
        key[4],     key[5],     key[6],     key[7],     counter, nonce[0], nonce[1], nonce[2]};
    std::uint32_t state[k_chacha_block_words];
    for (unsigned i = 0; i < k_chacha_block_words; ++i)
        state[i] = start[i];
    constexpr unsigned k_double_rounds = 10;
    for (unsigned round = 0; round < k_double_rounds; ++round) {
        quarter_round(state[0], state[4], state[8], state[12]);
        quarter_round(state[1], state[5], state[9], state[13]);
        quarter_round(state[2], state[6], state[10], state[14]);
        quarter_round(state[3], state[7], state[11], state[15]);
        quarter_round(state[0], state[5], state[10], state[15]);
        quarter_round(state[1], state[6], state[11], state[12]);
        quarter_round(state[2], state[7], state[8], state[13]);
        quarter_round(state[3], state[4], state[9], state[14]);
    }
    for (unsigned i = 0; i < k_chacha_block_words; ++i)
        out[i] = state[i] + start[i];
}

} // namespace os::random
