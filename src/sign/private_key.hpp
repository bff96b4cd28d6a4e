// Private keys in PEM.
#pragma once

#include <sign/openssl.hpp>
#include <sign/secret.hpp>

namespace unik::sign {

// PKCS #8, encrypted or not, and OpenSSL's older forms. Errors: bad-key, wrong-passphrase, and what
// ask returns.
Result<Owned<EVP_PKEY>> parse_private_key(const Secret& text, const std::string& shown,
                                          const AskPassphrase& ask);

} // namespace unik::sign
