#include <sign/secure_boot_keys.hpp>

#include <array>
#include <map>
#include <vector>

#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <sign/efi_variables.hpp>
#include <sign/new_file.hpp>

namespace unik::sign {
namespace {

namespace fs = std::filesystem;

constexpr int k_bits = 2048;
constexpr std::int64_t k_validity = 20LL * 365 * 24 * 3600;
constexpr std::array k_suffixes{".key", ".crt", ".cer", ".esl", ".auth"};

struct Owner {
    const char* name;
    const char* signer; // whose key signs its update
    const EfiGuid& vendor;
};

Secret text_of(BIO* output) {
    char* text = nullptr;
    const long size = BIO_get_mem_data(output, &text);
    return Secret(ByteVector(text, text + size));
}

bool add_extension(X509* certificate, int kind, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value);
    const bool added = extension != nullptr && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

bool set_serial(X509* certificate) {
    std::array<std::uint8_t, 16> random{};
    if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1)
        return false;
    random[0] = static_cast<std::uint8_t>((random[0] & 0x3f) | 0x40); // positive, of full length
    BIGNUM* number = BN_bin2bn(random.data(), static_cast<int>(random.size()), nullptr);
    const bool set = number != nullptr &&
                     BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nullptr;
    BN_free(number);
    return set;
}

Owned<X509> certify(EVP_PKEY* key, const std::string& name, std::int64_t seconds) {
    Owned<X509> certificate(X509_new());
    X509_NAME* subject = X509_get_subject_name(certificate.get());
    const bool good =
        X509_set_version(certificate.get(), X509_VERSION_3) == 1 && set_serial(certificate.get()) &&
        ASN1_TIME_set(X509_getm_notBefore(certificate.get()), static_cast<time_t>(seconds)) !=
            nullptr &&
        ASN1_TIME_set(X509_getm_notAfter(certificate.get()),
                      static_cast<time_t>(seconds + k_validity)) != nullptr &&
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                   reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1,
                                   0) == 1 &&
        X509_set_issuer_name(certificate.get(), subject) == 1 &&
        X509_set_pubkey(certificate.get(), key) == 1 &&
        add_extension(certificate.get(), NID_basic_constraints, "critical,CA:FALSE") &&
        add_extension(certificate.get(), NID_key_usage, "digitalSignature") &&
        add_extension(certificate.get(), NID_subject_key_identifier, "hash") &&
        X509_sign(certificate.get(), key, EVP_sha256()) > 0;
    return good ? std::move(certificate) : nullptr;
}

Result<void> check_free(const fs::path& folder, const std::array<Owner, 3>& owners) {
    std::vector<fs::path> paths{folder / "variables.fd"};
    for (const Owner& owner : owners)
        for (const char* suffix : k_suffixes)
            paths.push_back(folder / (std::string(owner.name) + suffix));
    for (const fs::path& path : paths) {
        std::error_code status;
        if (fs::symlink_status(path, status).type() != fs::file_type::not_found)
            return make_error(
                "key-exists",
                fmt::format("'{}' is there already and is left as it is", path.string()),
                "choose another folder with --output");
    }
    return {};
}

ByteSpan bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string_view text_of(const ByteVector& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Result<Secret> never_asked(const std::string&) {
    return make_error("no-passphrase", "the key has none");
}

Result<SecureBootKey> signer_of(const CertifiedKey& made, const std::string& name) {
    return SecureBootKey::parse(made.key, name,
                                UNIK_TRY(Certificate::parse(bytes_of(made.certificate), name)),
                                never_asked);
}

} // namespace

Result<CertifiedKey> make_certified_key(const std::string& name, std::int64_t seconds) {
    const Owned<EVP_PKEY> key(EVP_RSA_gen(k_bits));
    const Owned<X509> certificate = key == nullptr ? nullptr : certify(key.get(), name, seconds);
    const Owned<BIO> secret(BIO_new(BIO_s_secmem()));
    const Owned<BIO> open(BIO_new(BIO_s_mem()));
    if (certificate == nullptr ||
        PEM_write_bio_PKCS8PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                      nullptr) != 1 ||
        PEM_write_bio_X509(open.get(), certificate.get()) != 1)
        return openssl_error("crypto-failed", "the key could not be made");
    return CertifiedKey{text_of(secret.get()), std::string(text_of(open.get()).text())};
}

Result<void> write_secure_boot_keys(const fs::path& folder, ByteSpan store, std::int64_t seconds) {
    const std::array<Owner, 3> owners{{{"PK", "PK", k_efi_global_variable},
                                       {"KEK", "PK", k_efi_global_variable},
                                       {"db", "KEK", k_image_security}}};
    UNIK_TRY(check_free(folder, owners));
    std::map<std::string, CertifiedKey> made;
    std::map<std::string, ByteVector> lists;
    std::map<std::string, ByteVector> updates;
    for (const Owner& owner : owners) {
        const std::string name = owner.name;
        made[name] = UNIK_TRY(make_certified_key(fmt::format("unik {}", name), seconds));
        lists[name] = signature_list(
            UNIK_TRY(Certificate::parse(bytes_of(made[name].certificate), name)).der());
        const SecureBootKey signer = UNIK_TRY(signer_of(made[owner.signer], owner.signer));
        updates[name] = UNIK_TRY(signed_update(name, owner.vendor, lists[name], seconds, signer));
    }
    const ByteVector enrolled =
        UNIK_TRY(enroll(store, {lists["PK"], lists["KEK"], lists["db"]}, seconds));
    std::error_code status;
    fs::create_directories(folder, status);
    if (status)
        return file_error("create", folder, status.value());
    for (const Owner& owner : owners) {
        const std::string name = owner.name;
        const ByteVector der =
            UNIK_TRY(Certificate::parse(bytes_of(made[name].certificate), name)).der();
        UNIK_TRY(create_file(folder / (name + ".key"), made[name].key.text(), 0600));
        UNIK_TRY(create_file(folder / (name + ".crt"), made[name].certificate, 0644));
        UNIK_TRY(create_file(folder / (name + ".cer"), text_of(der), 0644));
        UNIK_TRY(create_file(folder / (name + ".esl"), text_of(lists[name]), 0644));
        UNIK_TRY(create_file(folder / (name + ".auth"), text_of(updates[name]), 0644));
    }
    return create_file(folder / "variables.fd", text_of(enrolled), 0644);
}

} // namespace unik::sign
