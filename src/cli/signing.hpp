// Signing bundles and files, for `unik sign` and the end of a build.
#pragma once

#include <filesystem>
#include <string>

#include <cli/build_signing.hpp>
#include <cli/invocation.hpp>
#include <sign/key.hpp>
#include <support/result.hpp>

namespace unik::cli {

inline constexpr Option k_sign_key{
    .name = "sign-key",
    .kind = ValueKind::file,
    .value_name = "KEY",
    .description = "The secret key to sign with: a file, or env:NAME for a variable that holds its "
                   "content. minisign's form (Ed25519), or a P-256 key in PEM."};

inline constexpr Option k_secure_boot_key{
    .name = "secure-boot-key",
    .kind = ValueKind::file,
    .value_name = "KEY",
    .description =
        "The RSA key in PEM that signs EFI programs for Secure Boot: a file or env:NAME."};
inline constexpr Option k_secure_boot_certificate{
    .name = "secure-boot-cert",
    .kind = ValueKind::file,
    .value_name = "CERT",
    .description = "The key's certificate, which the firmware's db holds."};

// What a build's options say of signing.
Result<SigningRequest> signing_request(const Invocation& invocation);

// Writes FILE.minisig or FILE.sig beside the file, whole or not at all; returns its path.
Result<std::filesystem::path> sign_beside(const std::filesystem::path& file,
                                          const sign::SigningKey& key);

} // namespace unik::cli
