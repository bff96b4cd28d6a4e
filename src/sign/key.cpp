#include <sign/key.hpp>

#include <array>
#include <cstdlib>

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include <sign/file_hash.hpp>
#include <sign/private_key.hpp>
#include <sign/source_date.hpp>

namespace unik::sign {
namespace {

constexpr std::string_view k_pem = "-----BEGIN ";

Owned<EVP_PKEY> private_key(const minisign::SecretKey& key) {
    return Owned<EVP_PKEY>(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr,
                                                        key.seed.bytes().data(), key.seed.size()));
}

bool is_p256(const EVP_PKEY* key) {
    std::array<char, 64> group{};
    return key != nullptr && EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
           EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group.data(),
                                          group.size(), nullptr) == 1 &&
           std::string_view(group.data()) == SN_X9_62_prime256v1;
}

Result<Owned<EVP_PKEY>> parse_pem(const Secret& text, const std::string& shown,
                                  const AskPassphrase& ask) {
    Owned<EVP_PKEY> key = UNIK_TRY(parse_private_key(text, shown, ask));
    if (!is_p256(key.get()))
        return make_error("bad-key",
                          fmt::format("'{}' is no signing key: expected minisign's secret key, or "
                                      "a P-256 key in PEM",
                                      shown),
                          "'unik keygen' makes one");
    return key;
}

using Bytes64 = std::array<std::uint8_t, 64>;

Result<Bytes64> sign_ed25519(EVP_PKEY* key, ByteSpan message) {
    Bytes64 out{};
    std::size_t size = out.size();
    const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
    if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key) != 1 ||
        EVP_DigestSign(context.get(), out.data(), &size, message.data(), message.size()) != 1)
        return openssl_error("crypto-failed", "the signature could not be made");
    return out;
}

bool check_ed25519(EVP_PKEY* key, ByteSpan signature, ByteSpan message) {
    const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
    const bool fits = EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key) == 1 &&
                      EVP_DigestVerify(context.get(), signature.data(), signature.size(),
                                       message.data(), message.size()) == 1;
    ERR_clear_error();
    return fits;
}

// What the second signature covers.
ByteVector comment_message(const minisign::Signature& signature) {
    ByteVector message(signature.signature.begin(), signature.signature.end());
    message.insert(message.end(), signature.trusted_comment.begin(),
                   signature.trusted_comment.end());
    return message;
}

// In a name, what a comment cannot hold becomes '?'.
std::string trusted_comment(std::string_view name) {
    std::string shown(name.substr(0, 255));
    for (char& c : shown)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            c = '?';
    if (!minisign::is_comment(shown))
        for (char& c : shown)
            if (static_cast<unsigned char>(c) >= 0x80)
                c = '?';
    const auto time = source_date();
    return fmt::format("{}file:{}\thashed", time ? fmt::format("timestamp:{}\t", *time) : "",
                       shown);
}

Result<std::string> sign_p256(EVP_PKEY* key, ByteSpan digest) {
    const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new(key, nullptr));
    std::string out(static_cast<std::size_t>(EVP_PKEY_get_size(key)), '\0');
    std::size_t size = out.size();
    if (EVP_PKEY_sign_init(context.get()) != 1 ||
        EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) != 1 ||
        EVP_PKEY_sign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                      digest.data(), digest.size()) != 1)
        return openssl_error("crypto-failed", "the signature could not be made");
    out.resize(size);
    return out;
}

bool check_p256(EVP_PKEY* key, ByteSpan signature, ByteSpan digest) {
    const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new(key, nullptr));
    const bool fits = EVP_PKEY_verify_init(context.get()) == 1 &&
                      EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) == 1 &&
                      EVP_PKEY_verify(context.get(), signature.data(), signature.size(),
                                      digest.data(), digest.size()) == 1;
    ERR_clear_error();
    return fits;
}

Error other_data(const std::string& file, const std::string& signature) {
    return make_error(
        "bad-signature",
        fmt::format("'{}' does not fit '{}': one of the two was changed, or the signature belongs "
                    "to another file or is by another key",
                    signature, file),
        "do not use the file; fetch both again from where they come",
        ExitCode::verification_refused);
}

} // namespace

std::string_view signature_suffix(Algorithm algorithm) {
    return algorithm == Algorithm::ed25519 ? ".minisig" : ".sig";
}

Result<SigningKey> SigningKey::parse(const Secret& text, const std::string& shown,
                                     const AskPassphrase& ask) {
    SigningKey out;
    if (text.text().find(k_pem) != std::string_view::npos &&
        !minisign::is_secret_key(text.text())) {
        out.algorithm_ = Algorithm::p256;
        out.key_ = UNIK_TRY(parse_pem(text, shown, ask));
        return out;
    }
    out.ed25519_ = UNIK_TRY(minisign::parse_secret_key(text.text(), shown, ask));
    out.key_ = private_key(*out.ed25519_);
    std::array<std::uint8_t, 32> point{};
    std::size_t size = point.size();
    if (out.key_ == nullptr ||
        EVP_PKEY_get_raw_public_key(out.key_.get(), point.data(), &size) != 1 ||
        point != out.ed25519_->point)
        return make_error(
            "bad-key", fmt::format("the two halves of the key '{}' do not belong together", shown),
            "take the key from its backup");
    return out;
}

Result<SigningKey> SigningKey::generate() {
    SigningKey out;
    minisign::SecretKey made;
    std::size_t size = made.point.size();
    if (RAND_priv_bytes(made.seed.data(), static_cast<int>(made.seed.size())) != 1 ||
        RAND_bytes(made.id.data(), static_cast<int>(made.id.size())) != 1)
        return openssl_error("crypto-failed", "there are no random numbers to be had");
    out.key_ = private_key(made);
    if (out.key_ == nullptr ||
        EVP_PKEY_get_raw_public_key(out.key_.get(), made.point.data(), &size) != 1)
        return openssl_error("crypto-failed", "the key could not be made");
    out.ed25519_ = std::move(made);
    return out;
}

std::string SigningKey::public_text() const {
    if (ed25519_)
        return minisign::to_text(minisign::PublicKey{ed25519_->id, ed25519_->point});
    const Owned<BIO> output(BIO_new(BIO_s_mem()));
    PEM_write_bio_PUBKEY(output.get(), key_.get());
    char* text = nullptr;
    const long size = BIO_get_mem_data(output.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

Result<Secret> SigningKey::secret_text(const Secret* passphrase) const {
    return minisign::to_text(*ed25519_, passphrase);
}

Result<std::string> SigningKey::sign(const OpenFile& file, std::string_view name) const {
    const ByteVector digest = UNIK_TRY(hash_for(algorithm_, file));
    if (algorithm_ == Algorithm::p256)
        return sign_p256(key_.get(), digest);
    minisign::Signature signature;
    signature.id = ed25519_->id;
    signature.signature = UNIK_TRY(sign_ed25519(key_.get(), digest));
    signature.trusted_comment = trusted_comment(name);
    signature.comment_signature = UNIK_TRY(sign_ed25519(key_.get(), comment_message(signature)));
    return minisign::to_text(signature);
}

Result<PublicKey> PublicKey::parse(std::string_view text, const std::string& shown) {
    PublicKey out;
    if (text.find(k_pem) == std::string_view::npos) {
        const minisign::PublicKey key = UNIK_TRY(minisign::parse_public_key(text, shown));
        out.id_ = key.id;
        out.key_.reset(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.point.data(),
                                                   key.point.size()));
        return out;
    }
    const Owned<BIO> input =
        bio_over({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    out.algorithm_ = Algorithm::p256;
    out.key_.reset(PEM_read_bio_PUBKEY(input.get(), nullptr, nullptr, nullptr));
    ERR_clear_error();
    if (!is_p256(out.key_.get()))
        return make_error("bad-key",
                          fmt::format("'{}' is no public key: expected minisign's form or a P-256 "
                                      "key in PEM",
                                      shown),
                          "'openssl ec -in KEY -pubout' writes it from the secret one");
    unsigned char* encoded = nullptr;
    const int size = i2d_PUBKEY(out.key_.get(), &encoded);
    if (size <= 0)
        return openssl_error("crypto-failed", "the key could not be encoded");
    const Digest digest = sha256({encoded, static_cast<std::size_t>(size)});
    OPENSSL_free(encoded);
    std::copy_n(digest.begin(), out.id_.size(), out.id_.rbegin()); // shown from the last one on
    return out;
}

std::string PublicKey::id() const {
    return minisign::to_text(id_);
}

Result<std::string> PublicKey::check(const OpenFile& file, ByteSpan signature,
                                     const std::string& signature_name) const {
    if (algorithm_ == Algorithm::p256) {
        const ByteVector digest = UNIK_TRY(hash_for(algorithm_, file));
        if (!check_p256(key_.get(), signature, digest))
            return other_data(file.name(), signature_name);
        return std::string();
    }
    const minisign::Signature parsed = UNIK_TRY(minisign::parse_signature(
        {reinterpret_cast<const char*>(signature.data()), signature.size()}, signature_name));
    if (parsed.id != id_)
        return make_error("unknown-signer",
                          fmt::format("'{}' is by the key {}, expected {}", signature_name,
                                      minisign::to_text(parsed.id), id()),
                          "give the signer's public key if you trust it",
                          ExitCode::verification_refused);
    const ByteVector digest = UNIK_TRY(hash_for(algorithm_, file));
    if (!check_ed25519(key_.get(), parsed.signature, digest) ||
        !check_ed25519(key_.get(), parsed.comment_signature, comment_message(parsed)))
        return other_data(file.name(), signature_name);
    return parsed.trusted_comment;
}

} // namespace unik::sign
