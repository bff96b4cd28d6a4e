#include <sign/blake2b.hpp>

#include <algorithm>
#include <bit>

#include <openssl/crypto.h>

namespace unik::sign {
namespace {

constexpr std::size_t k_block_size = 128;
constexpr std::size_t k_rounds = 12;

// RFC 7693, 2.6: the same constants as SHA-512's.
constexpr std::array<std::uint64_t, 8> k_initial{
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};

// RFC 7693, 2.7: the order of message words; rounds 10 and 11 take the first two again.
constexpr std::array<std::array<std::uint8_t, 16>, 10> k_order{{
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
}};

// RFC 7693, 3.1: the columns, then the diagonals.
constexpr std::array<std::array<std::uint8_t, 4>, 8> k_mixed{{
    {0, 4, 8, 12},
    {1, 5, 9, 13},
    {2, 6, 10, 14},
    {3, 7, 11, 15},
    {0, 5, 10, 15},
    {1, 6, 11, 12},
    {2, 7, 8, 13},
    {3, 4, 9, 14},
}};

using State = std::array<std::uint64_t, 8>;
using Words = std::array<std::uint64_t, 16>;

Words words_of(ByteSpan block) {
    Words words{};
    for (std::size_t i = 0; i < block.size(); ++i)
        words[i / 8] |= std::uint64_t{block[i]} << (i % 8 * 8);
    return words;
}

// RFC 7693, 3.2.
void compress(State& state, ByteSpan block, std::uint64_t count, bool last) {
    Words message = words_of(block);
    Words v{};
    std::copy(state.begin(), state.end(), v.begin());
    std::copy(k_initial.begin(), k_initial.end(), v.begin() + 8);
    v[12] ^= count;
    if (last)
        v[14] = ~v[14];
    for (std::size_t round = 0; round < k_rounds; ++round) {
        const auto& order = k_order[round % k_order.size()];
        for (std::size_t i = 0; i < k_mixed.size(); ++i) {
            const auto& [a, b, c, d] = k_mixed[i];
            v[a] += v[b] + message[order[2 * i]];
            v[d] = std::rotr(v[d] ^ v[a], 32);
            v[c] += v[d];
            v[b] = std::rotr(v[b] ^ v[c], 24);
            v[a] += v[b] + message[order[2 * i + 1]];
            v[d] = std::rotr(v[d] ^ v[a], 16);
            v[c] += v[d];
            v[b] = std::rotr(v[b] ^ v[c], 63);
        }
    }
    for (std::size_t i = 0; i < state.size(); ++i)
        state[i] ^= v[i] ^ v[i + 8];
    OPENSSL_cleanse(message.data(), sizeof(message));
}

} // namespace

Checksum blake2b_256(ByteSpan bytes) {
    State state = k_initial;
    state[0] ^= 0x01010000 ^ sizeof(Checksum); // no key, one leaf
    std::uint64_t count = 0;
    while (bytes.size() > k_block_size) {
        count += k_block_size;
        compress(state, bytes.first(k_block_size), count, false);
        bytes = bytes.subspan(k_block_size);
    }
    compress(state, bytes, count + bytes.size(), true);
    Checksum checksum{};
    for (std::size_t i = 0; i < checksum.size(); ++i)
        checksum[i] = static_cast<std::uint8_t>(state[i / 8] >> (i % 8 * 8));
    return checksum;
}

} // namespace unik::sign
