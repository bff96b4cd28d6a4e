// Keys that sign and keys that check: Ed25519 in minisign's files, ECDSA P-256 in PEM.
//
// Ed25519 is the one to choose: same file, same key, same signature. OpenSSL's ECDSA draws a random
// number for each signature.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <sign/minisign.hpp>
#include <sign/openssl.hpp>
#include <sign/secret.hpp>
#include <support/open_file.hpp>
#include <support/result.hpp>

namespace unik::sign {

enum class Algorithm { ed25519, p256 };
// What a detached signature's file is called behind the name of what it signs: ".minisig", ".sig".
std::string_view signature_suffix(Algorithm algorithm);

class SigningKey {
public:
    // shown: what messages call the key. Errors: bad-key, wrong-passphrase, no-passphrase.
    static Result<SigningKey> parse(const Secret& text, const std::string& shown,
                                    const AskPassphrase& ask);
    static Result<SigningKey> generate(); // Ed25519

    Algorithm algorithm() const { return algorithm_; }
    std::string public_text() const; // as the public key's file holds it
    // passphrase null: not protected. Precondition: Ed25519.
    Result<Secret> secret_text(const Secret* passphrase) const;

    // The content of the signature's file. name: of the signed file, for the trusted comment,
    // which also tells the time when SOURCE_DATE_EPOCH does.
    Result<std::string> sign(const OpenFile& file, std::string_view name) const;

private:
    SigningKey() = default;
    Algorithm algorithm_ = Algorithm::ed25519;
    std::optional<minisign::SecretKey> ed25519_;
    Owned<EVP_PKEY> key_;
};

class PublicKey {
public:
    // The content of a public key's file, or minisign's one line. Error: bad-key.
    static Result<PublicKey> parse(std::string_view text, const std::string& shown);

    Algorithm algorithm() const { return algorithm_; }
    std::string id() const; // for people: minisign's key id, or a digest's first digits

    // Whether this key made the signature of this file. Returns the trusted comment (empty for
    // P-256). Errors, all with exit code 4: unknown-signer when the signature names another key,
    // bad-signature when it is damaged or belongs to other data. signature_name: for messages.
    Result<std::string> check(const OpenFile& file, ByteSpan signature,
                              const std::string& signature_name) const;

private:
    PublicKey() = default;
    Algorithm algorithm_ = Algorithm::ed25519;
    minisign::KeyId id_{};
    Owned<EVP_PKEY> key_;
};

// text: a path, "env:NAME", or the key itself.
Result<PublicKey> read_public_key(const std::string& text,
                                  const std::filesystem::path& folder = {});

// Makes NAME.key (mode 0600) and NAME.pub, neither of which may exist (key-exists). passphrase
// null: not protected.
Result<void> write_key_pair(const SigningKey& key, const std::filesystem::path& name,
                            const Secret* passphrase);
Result<void> check_no_key_pair(const std::filesystem::path& name);

} // namespace unik::sign
