#include <cli/signing.hpp>

#include <cli/passphrase.hpp>

namespace unik::cli {

namespace fs = std::filesystem;

Result<SigningRequest> signing_request(const Invocation& invocation) {
    SigningRequest request;
    request.keys.key = invocation.value(k_sign_key.name);
    request.keys.secure_boot = {invocation.value(k_secure_boot_key.name),
                                invocation.value(k_secure_boot_certificate.name)};
    request.is_left_out = invocation.has("no-sign");
    request.ask = UNIK_TRY(passphrase_of(invocation));
    return request;
}

Result<fs::path> sign_beside(const fs::path& file, const sign::SigningKey& key) {
    const OpenFile open = UNIK_TRY(OpenFile::open(file));
    const std::string signature = UNIK_TRY(key.sign(open, file.filename().string()));
    fs::path path = file.string() + std::string(sign::signature_suffix(key.algorithm()));
    UNIK_TRY(write_file(path, signature));
    return path;
}

} // namespace unik::cli
