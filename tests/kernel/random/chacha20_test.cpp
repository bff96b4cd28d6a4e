#include "random/chacha20.hpp"

#include <cstring>
#include <string>

#include <doctest/doctest.h>

namespace {

std::string hexadecimal(const std::uint32_t (&words)[16]) {
    std::string out;
    for (const std::uint32_t word : words)
        for (unsigned byte = 0; byte < 4; ++byte) {
            constexpr char digits[] = "0123456789abcdef";
            const std::uint32_t value = (word >> (8 * byte)) & 0xff;
            out += digits[value >> 4];
            out += digits[value & 15];
        }
    return out;
}

} // namespace

TEST_CASE("the block function gives RFC 8439's block of section 2.3.2") {
    std::uint32_t key[8];
    for (std::uint32_t i = 0; i < 8; ++i)
        key[i] = (4 * i) | ((4 * i + 1) << 8) | ((4 * i + 2) << 16) | ((4 * i + 3) << 24);
    const std::uint32_t nonce[3] = {0x09000000, 0x4a000000, 0};
    std::uint32_t block[16];
    os::random::chacha20_block(key, 1, nonce, block);
    CHECK(hexadecimal(block) == "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e"
                                "d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e");
}

TEST_CASE("the block function gives RFC 8439's key stream vectors of appendix A.1") {
    std::uint32_t key[8] = {};
    std::uint32_t nonce[3] = {};
    std::uint32_t block[16];
    SUBCASE("#1: everything zero") {
        os::random::chacha20_block(key, 0, nonce, block);
        CHECK(hexadecimal(block) ==
              "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7"
              "da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586");
    }
    SUBCASE("#2: counter 1") {
        os::random::chacha20_block(key, 1, nonce, block);
        CHECK(hexadecimal(block) ==
              "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed"
              "29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f");
    }
    SUBCASE("#3: the key's last byte 1") {
        key[7] = 0x01000000;
        os::random::chacha20_block(key, 1, nonce, block);
        CHECK(hexadecimal(block) ==
              "3aeb5224ecf849929b9d828db1ced4dd832025e8018b8160b82284f3c949aa5a"
              "8eca00bbb4a73bdad192b5c42f73f2fd4e273644c8b36125a64addeb006c13a0");
    }
}
