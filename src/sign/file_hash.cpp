#include <sign/file_hash.hpp>

#include <algorithm>

namespace unik::sign {
namespace {

constexpr std::size_t k_block_size = 256 << 10;

} // namespace

Result<ByteVector> hash_for(Algorithm algorithm, const OpenFile& file) {
    const EVP_MD* kind = algorithm == Algorithm::ed25519 ? EVP_blake2b512() : EVP_sha256();
    const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
    bool good = EVP_DigestInit_ex(context.get(), kind, nullptr) == 1;
    ByteVector block(k_block_size);
    const std::uint64_t size = file.size().value;
    for (std::uint64_t at = 0; good && at < size; at += k_block_size) {
        const std::span<std::uint8_t> part(
            block.data(),
            static_cast<std::size_t>(std::min<std::uint64_t>(k_block_size, size - at)));
        UNIK_TRY(file.read(at, part));
        good = EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1;
    }
    ByteVector digest(static_cast<std::size_t>(EVP_MD_get_size(kind)));
    if (!good || EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) != 1)
        return openssl_error("crypto-failed", "the file could not be hashed");
    return digest;
}

} // namespace unik::sign
