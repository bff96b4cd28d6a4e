#include <sha256/sha256.hpp>

#include <bit>

#include <vocabulary/endian.hpp>

namespace os {

namespace {

constexpr std::size_t k_chunk = 64;
constexpr unsigned k_rounds = 64;

// FIPS 180-4, section 4.2.2: of the cube roots of the first 64 primes, and 5.3.3: of the square
// roots of the first eight, the first 32 bits behind the point.
constexpr std::uint32_t k_constants[k_rounds] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
constexpr std::uint32_t k_initial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

constexpr std::uint32_t rotate(std::uint32_t value, int by) {
    return std::rotr(value, by);
}

class Sha256 {
public:
    Sha256() { __builtin_memcpy(state_, k_initial, sizeof state_); }

    void add_chunk(const std::uint8_t* chunk) {
        std::uint32_t words[16];
        for (unsigned i = 0; i < 16; ++i) {
            std::uint32_t word = 0;
            __builtin_memcpy(&word, chunk + 4 * i, sizeof word);
            words[i] = __builtin_bswap32(word);
        }
        std::uint32_t a = state_[0], b = state_[1], c = state_[2], d = state_[3];
        std::uint32_t e = state_[4], f = state_[5], g = state_[6], h = state_[7];
        // Only the last 16 words of the schedule are ever looked at.
        const auto round = [&](unsigned i, std::uint32_t word) {
            const std::uint32_t t1 = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) +
                                     ((e & f) ^ (~e & g)) + k_constants[i] + word;
            const std::uint32_t t2 =
                (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
            h = g, g = f, f = e, e = d + t1;
            d = c, c = b, b = a, a = t1 + t2;
        };
        for (unsigned i = 0; i < 16; ++i)
            round(i, words[i]);
        for (unsigned i = 16; i < k_rounds; ++i) {
            const std::uint32_t w2 = words[(i + 14) % 16];
            const std::uint32_t w15 = words[(i + 1) % 16];
            words[i % 16] += (rotate(w15, 7) ^ rotate(w15, 18) ^ (w15 >> 3)) + words[(i + 9) % 16] +
                             (rotate(w2, 17) ^ rotate(w2, 19) ^ (w2 >> 10));
            round(i, words[i % 16]);
        }
        const std::uint32_t values[8] = {a, b, c, d, e, f, g, h};
        for (unsigned i = 0; i < 8; ++i)
            state_[i] += values[i];
    }

    Sha256Digest digest() const {
        Sha256Digest out;
        for (unsigned i = 0; i < 8; ++i) {
            const std::uint32_t word = __builtin_bswap32(state_[i]);
            __builtin_memcpy(out.bytes + 4 * i, &word, sizeof word);
        }
        return out;
    }

private:
    std::uint32_t state_[8];
};

} // namespace

Sha256Digest sha256(Bytes message) {
    Sha256 hash;
    std::size_t done = 0;
    for (; message.size() - done >= k_chunk; done += k_chunk)
        hash.add_chunk(message.data() + done);
    // Section 5.1.1: a one bit, zeros, and the length in bits.
    std::uint8_t last[2 * k_chunk] = {};
    const std::size_t rest = message.size() - done;
    __builtin_memcpy(last, message.data() + done, rest);
    last[rest] = 0x80;
    const std::size_t padded = rest < k_chunk - 8 ? k_chunk : 2 * k_chunk;
    const vocabulary::Be64 bits = std::uint64_t{message.size()} * 8;
    __builtin_memcpy(last + padded - sizeof bits, &bits, sizeof bits);
    for (std::size_t at = 0; at < padded; at += k_chunk)
        hash.add_chunk(last + at);
    return hash.digest();
}

} // namespace os
