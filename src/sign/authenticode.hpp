// Signatures inside EFI programs, as Secure Boot checks them: Authenticode, that is PKCS #7
// SignedData (RFC 2315) over an SpcIndirectDataContent that holds the PE file's hash. RSA with
// SHA-256, which every firmware knows.
#pragma once

#include <string>

#include <sign/openssl.hpp>
#include <sign/secret.hpp>
#include <support/file.hpp>
#include <support/result.hpp>

namespace unik::sign {

class Certificate {
public:
    // PEM or DER. Error bad-certificate.
    static Result<Certificate> parse(ByteSpan bytes, const std::string& shown);
    X509* get() const { return certificate_.get(); }
    ByteVector der() const;
    std::string subject() const;

private:
    explicit Certificate(Owned<X509> certificate) : certificate_(std::move(certificate)) {}
    Owned<X509> certificate_;
};

class SecureBootKey {
public:
    // An RSA key of at least 2048 bits in PEM and its certificate. Errors: bad-key,
    // wrong-passphrase, key-mismatch when the two do not belong together.
    static Result<SecureBootKey> parse(const Secret& key, const std::string& shown,
                                       Certificate certificate, const AskPassphrase& ask);

    // The program with this signature instead of those that it had. Same input, same bytes: the
    // time is signed only when SOURCE_DATE_EPOCH tells it. Error not-a-pe.
    Result<ByteVector> sign(ByteSpan program, const std::string& name) const;
    // A bare SignedData over a message that it does not hold, as UEFI's variables take it.
    Result<ByteVector> sign_detached(ByteSpan message) const;

private:
    SecureBootKey(Owned<EVP_PKEY> key, Certificate certificate)
        : key_(std::move(key)), certificate_(std::move(certificate)) {}
    Owned<EVP_PKEY> key_;
    Certificate certificate_;
};

// Whether one of the program's signatures is over this program and leads to the certificate. As in
// firmware, times do not count. Errors with exit code 4: no-signature, bad-signature,
// unknown-signer.
Result<void> check_program(ByteSpan program, const std::string& name,
                           const Certificate& certificate);

} // namespace unik::sign
