// Whether somebody trusted has signed a file.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <sign/key.hpp>

namespace unik::sign {

struct TrustedKey {
    std::string name; // as the user knows it: a policy's name for it, or where it was read
    const PublicKey* key = nullptr;
};

struct Signer {
    std::string name; // of the key
    std::string id;
    std::string comment; // the signed one; may be empty
};

// The signature with this suffix, where there is one.
using FindSignature = std::function<Result<std::optional<OpenFile>>(std::string_view suffix)>;

// The first of the keys whose signature fits. Errors, all with exit code 4: no-signature,
// unknown-signer, bad-signature.
Result<Signer> check_signature(const OpenFile& file, const std::vector<TrustedKey>& keys,
                               const FindSignature& find);

// Finds FILE.minisig and FILE.sig beside the file.
FindSignature beside(const std::filesystem::path& file);

} // namespace unik::sign
