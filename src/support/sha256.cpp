#include <support/sha256.hpp>

#include <cerrno>
#include <cstdlib>
#include <fstream>

#include <fmt/format.h>
#include <openssl/evp.h>

namespace unik {

struct Sha256::Context {
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest{EVP_MD_CTX_new(),
                                                                   &EVP_MD_CTX_free};
};

// OpenSSL fails here only when memory is exhausted.
Sha256::Sha256() : context_(std::make_unique<Context>()) {
    if (EVP_DigestInit_ex(context_->digest.get(), EVP_sha256(), nullptr) != 1)
        std::abort();
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;

void Sha256::update(ByteSpan bytes) {
    if (EVP_DigestUpdate(context_->digest.get(), bytes.data(), bytes.size()) != 1)
        std::abort();
}

void Sha256::update(std::string_view text) {
    update(ByteSpan(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

Digest Sha256::finish() {
    Digest digest{};
    if (EVP_DigestFinal_ex(context_->digest.get(), digest.data(), nullptr) != 1)
        std::abort();
    return digest;
}

Digest sha256(ByteSpan bytes) {
    Sha256 hash;
    hash.update(bytes);
    return hash.finish();
}

std::string to_hex(const Digest& digest) {
    std::string out;
    for (const std::uint8_t byte : digest)
        out += fmt::format("{:02x}", byte);
    return out;
}

Result<Digest> sha256_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file)
        return file_error("read", path, errno);
    Sha256 hash;
    std::array<char, 65536> block{};
    while (file.read(block.data(), block.size()) || file.gcount() > 0)
        hash.update(std::string_view(block.data(), static_cast<std::size_t>(file.gcount())));
    if (file.bad())
        return file_error("read", path, EIO);
    return hash.finish();
}

} // namespace unik
