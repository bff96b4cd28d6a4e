#include <sign/base64.hpp>

#include <openssl/crypto.h>
#include <openssl/evp.h>

namespace unik::sign {

std::string to_base64(ByteSpan bytes) {
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0'); // one for the NUL that OpenSSL adds
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(),
                    static_cast<int>(bytes.size()));
    text.pop_back();
    return text;
}

std::optional<Secret> from_base64(std::string_view text, std::size_t size) {
    if (text.size() != (size + 2) / 3 * 4)
        return std::nullopt;
    Secret bytes((size + 2) / 3 * 3);
    if (EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()),
                        static_cast<int>(text.size())) < 0)
        return std::nullopt;
    bytes.cut(size);
    // OpenSSL forgives blanks, wrong padding and bits that belong to no byte.
    std::string again = to_base64(bytes.bytes());
    const bool same = again == text;
    OPENSSL_cleanse(again.data(), again.size());
    if (!same)
        return std::nullopt;
    return bytes;
}

} // namespace unik::sign
