// A generator that erases its key as it goes ("fast key erasure"): of the blocks made under one key
// the first half block becomes the next key and only the rest is given out, so that who learns the
// state learns nothing of what was given out before.
//
// Entropy is absorbed a key's length at a time: it is added to the key by exclusive or, and a block
// under that key gives the next one. Whoever does not know the key cannot choose input that removes
// what others put in.
#pragma once

#include <foundation/span.hpp>

#include "chacha20.hpp"

namespace os::random {

class Generator {
public:
    void absorb(Bytes bytes);
    void fill(MutableBytes out);

private:
    void replace_key(const std::uint32_t (&block)[k_chacha_block_words]);

    std::uint32_t key_[k_chacha_key_words] = {};
    // Tells apart what is made from one key for different uses.
    static constexpr std::uint32_t k_output_nonce[3] = {0, 0, 1};
    static constexpr std::uint32_t k_absorb_nonce[3] = {0, 0, 2};
};

} // namespace os::random
