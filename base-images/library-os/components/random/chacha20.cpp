#include "chacha20.hpp"

#include <bit>

namespace os::random {
namespace {

using Words = std::uint32_t[k_chacha_block_words];

void quarter_round(Words& state, unsigned a, unsigned b, unsigned c, unsigned d) {
    state[a] += state[b];
    state[d] = std::rotl(state[d] ^ state[a], 16);
    state[c] += state[d];
    state[b] = std::rotl(state[b] ^ state[c], 12);
    state[a] += state[b];
    state[d] = std::rotl(state[d] ^ state[a], 8);
    state[c] += state[d];
    state[b] = std::rotl(state[b] ^ state[c], 7);
}

} // namespace

void chacha20_block(const std::uint32_t (&key)[k_chacha_key_words], std::uint32_t counter,
                    const std::uint32_t (&nonce)[3], std::uint32_t (&out)[k_chacha_block_words]) {
    // "expand 32-byte k"
    const Words start = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574, key[0], key[1],
                         key[2],     key[3],     key[4],     key[5],     key[6], key[7],
                         counter,    nonce[0],   nonce[1],   nonce[2]};
    Words state;
    for (unsigned i = 0; i < k_chacha_block_words; ++i)
        state[i] = start[i];
    constexpr unsigned k_double_rounds = 10;
    for (unsigned round = 0; round < k_double_rounds; ++round) {
        for (unsigned i = 0; i < 4; ++i)
            quarter_round(state, i, 4 + i, 8 + i, 12 + i);
        for (unsigned i = 0; i < 4; ++i)
            quarter_round(state, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4);
    }
    for (unsigned i = 0; i < k_chacha_block_words; ++i)
        out[i] = state[i] + start[i];
}

} // namespace os::random
