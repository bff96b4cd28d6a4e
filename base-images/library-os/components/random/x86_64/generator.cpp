#include "generator.hpp"

namespace os::random {

void Generator::replace_key(const std::uint32_t (&block)[k_chacha_block_words]) {
    for (unsigned i = 0; i < k_chacha_key_words; ++i)
        key_[i] = block[i];
}

void Generator::absorb(Bytes bytes) {
    std::uint32_t block[k_chacha_block_words];
    // The last part's length is part of the input, so that a trailing zero counts.
    for (std::size_t done = 0;; done += sizeof key_) {
        const Bytes part = bytes.part(done, sizeof key_);
        std::uint32_t words[k_chacha_key_words] = {};
        if (!part.empty())
            __builtin_memcpy(words, part.data(), part.size());
        for (unsigned i = 0; i < k_chacha_key_words; ++i)
            key_[i] ^= words[i];
        chacha20_block(key_, static_cast<std::uint32_t>(part.size()), k_absorb_nonce, block);
        replace_key(block);
        if (part.size() < sizeof key_)
            break;
    }
    __builtin_memset(block, 0, sizeof block);
    asm volatile("" : : "r"(block) : "memory"); // the wiping stays
}

void Generator::fill(MutableBytes out) {
    std::uint32_t block[k_chacha_block_words];
    chacha20_block(key_, 0, k_output_nonce, block);
    std::uint32_t next_key[k_chacha_block_words];
    __builtin_memcpy(next_key, block, sizeof key_);
    constexpr std::size_t k_first_rest = sizeof block - sizeof key_;
    const MutableBytes first = out.part(0, k_first_rest);
    if (!first.empty())
        __builtin_memcpy(first.data(), reinterpret_cast<const std::uint8_t*>(block) + sizeof key_,
                         first.size());
    std::uint32_t counter = 1;
    for (std::size_t done = first.size(); done < out.size(); done += sizeof block) {
        chacha20_block(key_, counter++, k_output_nonce, block);
        const MutableBytes part = out.part(done, sizeof block);
        __builtin_memcpy(part.data(), block, part.size());
    }
    replace_key(next_key);
    __builtin_memset(block, 0, sizeof block);
    __builtin_memset(next_key, 0, sizeof next_key);
    asm volatile("" : : "r"(block), "r"(next_key) : "memory"); // the wiping stays
}

} // namespace os::random
