#include <doctest/doctest.h>

#include <string>

#include <sha256/sha256.hpp>

using namespace os;

namespace {

std::string digest_of(const std::string& text) {
    const Sha256Digest digest =
        sha256({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    std::string out;
    for (const std::uint8_t byte : digest.bytes) {
        constexpr char k_digits[] = "0123456789abcdef";
        out += {k_digits[byte >> 4], k_digits[byte & 15]};
    }
    return out;
}

} // namespace

// FIPS 180-4's examples, and what sha256sum says of messages whose padding takes a chunk or two.
TEST_CASE("known messages have their known digests") {
    CHECK(digest_of("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(digest_of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(digest_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    CHECK(digest_of(std::string(1'000'000, 'a')) ==
          "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    CHECK(digest_of(std::string(55, 'a')) ==
          "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318");
    CHECK(digest_of(std::string(56, 'a')) ==
          "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a");
    CHECK(digest_of(std::string(64, 'a')) ==
          "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
    CHECK(digest_of(std::string(4096, '\0')) ==
          "ad7facb2586fc6e966c004d7d1d16b024f5805ff7cb47c7a85dabd8b48892ca7");
}
