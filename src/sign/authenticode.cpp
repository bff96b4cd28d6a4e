// SpcIndirectDataContent, as DER:
//     SEQUENCE
//       SEQUENCE                          what was hashed
//         OID 1.3.6.1.4.1.311.2.1.15      a PE image
//         SEQUENCE                        flags: none; file: an empty name
//       SEQUENCE                          the hash
//         SEQUENCE { OID sha256, NULL }
//         OCTET STRING [32]
// It is the content of the SignedData as such, not wrapped into an OCTET STRING, which is why PKCS
// #7 and not CMS is used. Its digest among the signed attributes is over what follows the outermost
// tag and length.
#include <sign/authenticode.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <sign/pe_file.hpp>
#include <sign/private_key.hpp>
#include <sign/source_date.hpp>

namespace unik::sign {
namespace {

constexpr const char* k_indirect_data = "1.3.6.1.4.1.311.2.1.4";
constexpr std::array<std::uint8_t, 2> k_outer{0x30, 0x4c};
constexpr std::array<std::uint8_t, 43> k_before_digest{
    0x30, 0x17, 0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x01, 0x0f, 0x30,
    0x09, 0x03, 0x01, 0x00, 0xa0, 0x04, 0xa2, 0x02, 0x80, 0x00, 0x30, 0x31, 0x30, 0x0d, 0x06,
    0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04};
constexpr std::uint8_t k_digest_length = 0x20;
constexpr int k_least_bits = 2048;

Owned<ASN1_OBJECT> indirect_data() {
    return Owned<ASN1_OBJECT>(OBJ_txt2obj(k_indirect_data, 1));
}

// What follows the outermost tag and length.
ByteVector content_for(const Digest& digest) {
    ByteVector out(k_before_digest.begin(), k_before_digest.end());
    out.push_back(k_digest_length);
    out.insert(out.end(), digest.begin(), digest.end());
    return out;
}

Owned<ASN1_STRING> string_of(int type, ByteSpan bytes) {
    Owned<ASN1_STRING> string(ASN1_STRING_type_new(type));
    if (string != nullptr &&
        ASN1_STRING_set(string.get(), bytes.data(), static_cast<int>(bytes.size())) != 1)
        string.reset();
    return string;
}

// The SignedData's content, under its own type.
bool set_content(PKCS7* signed_data, const ByteVector& content) {
    ByteVector whole(k_outer.begin(), k_outer.end());
    whole.insert(whole.end(), content.begin(), content.end());
    Owned<PKCS7> inner(PKCS7_new());
    Owned<ASN1_STRING> sequence = string_of(V_ASN1_SEQUENCE, whole);
    Owned<ASN1_TYPE> value(ASN1_TYPE_new());
    if (inner == nullptr || sequence == nullptr || value == nullptr)
        return false;
    ASN1_TYPE_set(value.get(), V_ASN1_SEQUENCE, sequence.release());
    inner->type = indirect_data().release();
    inner->d.other = value.release();
    return PKCS7_set_content(signed_data, inner.get()) == 1 && inner.release() != nullptr;
}

bool add_time(PKCS7_SIGNER_INFO* signer) {
    const auto seconds = source_date();
    if (!seconds)
        return true;
    ASN1_TIME* time = ASN1_TIME_adj(nullptr, static_cast<time_t>(*seconds), 0, 0);
    return time != nullptr && PKCS7_add0_attrib_signing_time(signer, time) == 1;
}

// PKCS7_dataFinal would put in the present time, so the attributes are added one by one.
bool add_attributes(PKCS7_SIGNER_INFO* signer, const ByteVector& content) {
    Owned<ASN1_OBJECT> type = indirect_data();
    const Digest digest = sha256(content);
    if (!add_time(signer) || PKCS7_add_attrib_content_type(signer, type.get()) != 1)
        return false;
    static_cast<void>(type.release()); // the attribute's now
    return PKCS7_add1_attrib_digest(signer, digest.data(), static_cast<int>(digest.size())) == 1;
}

Owned<PKCS7> make_signed_data(EVP_PKEY* key, X509* certificate, const ByteVector& content) {
    Owned<PKCS7> signed_data(PKCS7_new());
    if (signed_data == nullptr || PKCS7_set_type(signed_data.get(), NID_pkcs7_signed) != 1 ||
        !set_content(signed_data.get(), content))
        return nullptr;
    PKCS7_SIGNER_INFO* signer =
        PKCS7_add_signature(signed_data.get(), certificate, key, EVP_sha256());
    if (signer == nullptr || PKCS7_add_certificate(signed_data.get(), certificate) != 1 ||
        !add_attributes(signer, content) || PKCS7_SIGNER_INFO_sign(signer) != 1)
        return nullptr;
    return signed_data;
}

// The certificate may be anybody's in the chain, as in a firmware's db.
Owned<X509_STORE> store_of(X509* certificate) {
    Owned<X509_STORE> store(X509_STORE_new());
    X509_STORE_add_cert(store.get(), certificate);
    X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME);
    X509_STORE_set_purpose(store.get(), X509_PURPOSE_ANY);
    return store;
}

Error refused(std::string id, std::string message) {
    ERR_clear_error();
    return make_error(std::move(id), std::move(message), "do not boot it; fetch it again",
                      ExitCode::verification_refused);
}

// The content when it is exactly what we would have signed; another hash algorithm or another
// shape is none that we can vouch for.
bool is_over(const PKCS7* signed_data, const ByteVector& content) {
    const PKCS7* inner = signed_data->d.sign->contents;
    const Owned<ASN1_OBJECT> type = indirect_data();
    if (inner == nullptr || OBJ_cmp(inner->type, type.get()) != 0 || inner->d.other == nullptr ||
        inner->d.other->type != V_ASN1_SEQUENCE)
        return false;
    const ASN1_STRING* sequence = inner->d.other->value.sequence;
    const ByteSpan whole{ASN1_STRING_get0_data(sequence),
                         static_cast<std::size_t>(ASN1_STRING_length(sequence))};
    // The file's name within differs between signers ("<<<Obsolete>>>", empty); what counts is that
    // the DigestInfo at the end holds our hash under SHA-256's name.
    constexpr std::size_t k_digest_info = 2 + (2 + 13) + (2 + sizeof(Digest));
    return whole.size() > k_digest_info && content.size() > k_digest_info &&
           std::equal(whole.end() - k_digest_info, whole.end(), content.end() - k_digest_info);
}

// PKCS7_verify() loses memory on a name that it does not know (OpenSSL 3.0).
bool hashes_by_sha256_alone(const PKCS7* signed_data) {
    const STACK_OF(X509_ALGOR)* algorithms = signed_data->d.sign->md_algs;
    if (sk_X509_ALGOR_num(algorithms) != 1)
        return false;
    const ASN1_OBJECT* name = nullptr;
    X509_ALGOR_get0(&name, nullptr, nullptr, sk_X509_ALGOR_value(algorithms, 0));
    return OBJ_obj2nid(name) == NID_sha256;
}

enum class Verdict { good, other_data, other_signer };

Verdict check_one(ByteSpan der, const Digest& digest, X509* certificate) {
    const unsigned char* at = der.data();
    const Owned<PKCS7> signed_data(d2i_PKCS7(nullptr, &at, static_cast<long>(der.size())));
    if (signed_data == nullptr || !PKCS7_type_is_signed(signed_data.get()) ||
        signed_data->d.sign == nullptr || !hashes_by_sha256_alone(signed_data.get()) ||
        !is_over(signed_data.get(), content_for(digest)))
        return Verdict::other_data;
    // What was hashed for the signature is the content without its outermost tag and length.
    const ASN1_STRING* sequence = signed_data->d.sign->contents->d.other->value.sequence;
    const unsigned char* inside = ASN1_STRING_get0_data(sequence);
    long length = 0;
    int tag = 0;
    int kind = 0;
    if ((ASN1_get_object(&inside, &length, &tag, &kind, ASN1_STRING_length(sequence)) & 0x80) != 0)
        return Verdict::other_data;
    const Owned<BIO> content = bio_over({inside, static_cast<std::size_t>(length)});
    const Owned<X509_STORE> store = store_of(certificate);
    return PKCS7_verify(signed_data.get(), nullptr, store.get(), content.get(), nullptr,
                        PKCS7_BINARY) == 1
               ? Verdict::good
               : Verdict::other_signer;
}

} // namespace

Result<Certificate> Certificate::parse(ByteSpan bytes, const std::string& shown) {
    const Owned<BIO> input = bio_over(bytes);
    Owned<X509> certificate(PEM_read_bio_X509(input.get(), nullptr, nullptr, nullptr));
    if (certificate == nullptr) {
        const unsigned char* at = bytes.data();
        certificate.reset(d2i_X509(nullptr, &at, static_cast<long>(bytes.size())));
    }
    ERR_clear_error();
    if (certificate == nullptr)
        return make_error(
            "bad-certificate",
            fmt::format("'{}' is no certificate: expected X.509 in PEM or DER", shown),
            "'unik secure-boot-keys' makes some");
    return Certificate(std::move(certificate));
}

ByteVector Certificate::der() const {
    unsigned char* encoded = nullptr;
    const int size = i2d_X509(certificate_.get(), &encoded);
    ByteVector out(encoded, encoded + std::max(size, 0));
    OPENSSL_free(encoded);
    return out;
}

std::string Certificate::subject() const {
    std::array<char, 256> text{};
    X509_NAME_oneline(X509_get_subject_name(certificate_.get()), text.data(),
                      static_cast<int>(text.size()));
    return text.data();
}

Result<SecureBootKey> SecureBootKey::parse(const Secret& text, const std::string& shown,
                                           Certificate certificate, const AskPassphrase& ask) {
    Owned<EVP_PKEY> key = UNIK_TRY(parse_private_key(text, shown, ask));
    if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA ||
        EVP_PKEY_get_bits(key.get()) < k_least_bits)
        return make_error("bad-key",
                          fmt::format("'{}' is no key for Secure Boot: expected RSA with at least "
                                      "{} bits, in PEM",
                                      shown, k_least_bits),
                          "'unik secure-boot-keys' makes some");
    if (X509_check_private_key(certificate.get(), key.get()) != 1) {
        ERR_clear_error();
        return make_error("key-mismatch",
                          fmt::format("the key '{}' does not belong to the certificate of '{}'",
                                      shown, certificate.subject()),
                          "give the certificate that was made with the key");
    }
    return SecureBootKey(std::move(key), std::move(certificate));
}

Result<ByteVector> SecureBootKey::sign(ByteSpan program, const std::string& name) const {
    const ByteVector bare = UNIK_TRY(PeFile::parse(program, name)).without_certificates();
    const PeFile file = UNIK_TRY(PeFile::parse(bare, name));
    const Owned<PKCS7> signed_data =
        make_signed_data(key_.get(), certificate_.get(), content_for(file.digest()));
    unsigned char* der = nullptr;
    const int size = signed_data == nullptr ? -1 : i2d_PKCS7(signed_data.get(), &der);
    if (size <= 0)
        return openssl_error("crypto-failed", "the signature could not be made");
    ByteVector out = file.with_certificate({der, static_cast<std::size_t>(size)});
    OPENSSL_free(der);
    return out;
}

Result<ByteVector> SecureBootKey::sign_detached(ByteSpan message) const {
    const Owned<BIO> content = bio_over(message);
    const Owned<PKCS7> signed_data(PKCS7_sign(certificate_.get(), key_.get(), nullptr,
                                              content.get(),
                                              PKCS7_BINARY | PKCS7_DETACHED | PKCS7_NOATTR));
    unsigned char* der = nullptr;
    const int size = signed_data == nullptr ? -1 : i2d_PKCS7_SIGNED(signed_data->d.sign, &der);
    if (size <= 0)
        return openssl_error("crypto-failed", "the signature could not be made");
    ByteVector out(der, der + size);
    OPENSSL_free(der);
    return out;
}

Result<void> check_program(ByteSpan program, const std::string& name,
                           const Certificate& certificate) {
    const PeFile file = UNIK_TRY(PeFile::parse(program, name));
    const auto signatures = UNIK_TRY(file.certificates());
    if (signatures.empty())
        return refused("no-signature", fmt::format("'{}' is not signed", name));
    bool is_over_it = false;
    for (const ByteSpan der : signatures) {
        const Verdict verdict = check_one(der, file.digest(), certificate.get());
        ERR_clear_error();
        if (verdict == Verdict::good)
            return {};
        is_over_it = is_over_it || verdict == Verdict::other_signer;
    }
    if (is_over_it)
        return refused("unknown-signer",
                       fmt::format("'{}' is not signed by '{}', or its signature is damaged", name,
                                   certificate.subject()));
    return refused(
        "bad-signature",
        fmt::format("'{}' was changed since it was signed, or its signature is damaged", name));
}

} // namespace unik::sign
