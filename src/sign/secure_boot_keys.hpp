// A set of keys for Secure Boot: PK owns the machine, KEK may change db, db signs what boots.
#pragma once

#include <filesystem>

#include <sign/authenticode.hpp>
#include <support/result.hpp>

namespace unik::sign {

struct CertifiedKey {
    Secret key;              // PEM, PKCS #8, not protected
    std::string certificate; // PEM
};
// RSA with 2048 bits and a certificate that it signs itself, valid for twenty years from `seconds`.
Result<CertifiedKey> make_certified_key(const std::string& name, std::int64_t seconds);

// Writes PK, KEK and db (.key with mode 0600, .crt, .cer in DER, .esl, .auth) and variables.fd, a
// copy of the store with all of them enrolled. Nothing is overwritten (key-exists).
Result<void> write_secure_boot_keys(const std::filesystem::path& folder, ByteSpan store,
                                    std::int64_t seconds);

} // namespace unik::sign
