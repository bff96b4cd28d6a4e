// The three file formats of minisign, as its public description of them gives them. Keys and
// signatures are Ed25519 (RFC 8032).
//
// Public key:      untrusted comment: TEXT
//                  base64("Ed", key id [8], public key [32])
// Signature:       untrusted comment: TEXT
//                  base64("ED", key id [8], signature [64] of the BLAKE2b-512 of the data)
//                  trusted comment: TEXT
//                  base64(signature [64] of: the signature above, the trusted comment's TEXT)
// Secret key:      untrusted comment: TEXT
//                  base64("Ed", key derivation "Sc" or two zeros, checksum "B2", salt [32],
//                         operations limit [8], memory limit [8], little-endian,
//                         then, XORed with the derived bytes:
//                         key id [8], seed [32], public key [32],
//                         BLAKE2b-256 [32] of "Ed", key id, seed, public key)
// The limits are those of libsodium's scrypt interface, from which N, r and p follow.
//
// Signatures in minisign's older form ("Ed": the data itself signed, not its hash) are told apart
// and refused: the data would have to be held in memory.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include <sign/secret.hpp>
#include <support/file.hpp>
#include <support/result.hpp>

namespace unik::sign::minisign {

using KeyId = std::array<std::uint8_t, 8>;
// As minisign shows it: sixteen hexadecimal digits, the last byte first.
std::string to_text(const KeyId& id);

struct PublicKey {
    KeyId id{};
    std::array<std::uint8_t, 32> point{};
};
// A key file, or its second line alone. shown: what messages call it. Error: bad-key.
Result<PublicKey> parse_public_key(std::string_view text, const std::string& shown);
std::string to_text(const PublicKey& key);

struct Signature {
    KeyId id{};
    std::array<std::uint8_t, 64> signature{};
    std::string trusted_comment;
    std::array<std::uint8_t, 64> comment_signature{};
};
// Errors: bad-signature, exit code 4.
Result<Signature> parse_signature(std::string_view text, const std::string& shown);
std::string to_text(const Signature& signature);
// Without control characters other than tab, and within minisign's own limit.
bool is_comment(std::string_view text);

struct SecretKey {
    KeyId id{};
    Secret seed{32};
    std::array<std::uint8_t, 32> point{};
};
bool is_secret_key(std::string_view text);
// The passphrase is asked for only when the key is protected. Errors: bad-key, wrong-passphrase.
Result<SecretKey> parse_secret_key(std::string_view text, const std::string& shown,
                                   const AskPassphrase& ask);
// passphrase null: not protected.
Result<Secret> to_text(const SecretKey& key, const Secret* passphrase);

} // namespace unik::sign::minisign
