#include <sign/private_key.hpp>

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>

namespace unik::sign {
namespace {

// What OpenSSL's callback has at hand; the first error is kept for our caller.
struct Asking {
    const AskPassphrase& ask;
    std::string what;
    std::optional<Error> error;
    bool asked = false;
};

int give_passphrase(char* out, int size, int, void* data) {
    Asking& asking = *static_cast<Asking*>(data);
    asking.asked = true;
    auto passphrase = asking.ask(asking.what);
    if (!passphrase.ok()) {
        asking.error = passphrase.error();
        return -1;
    }
    if (passphrase->size() > static_cast<std::size_t>(size))
        return -1;
    std::copy(passphrase->text().begin(), passphrase->text().end(), out);
    return static_cast<int>(passphrase->size());
}

} // namespace

Result<Owned<EVP_PKEY>> parse_private_key(const Secret& text, const std::string& shown,
                                          const AskPassphrase& ask) {
    Asking asking{ask, fmt::format("the passphrase of '{}'", shown), {}};
    const Owned<BIO> input = bio_over(text.bytes());
    Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(input.get(), nullptr, give_passphrase, &asking));
    ERR_clear_error();
    if (asking.error)
        return *asking.error;
    if (key == nullptr && asking.asked)
        return make_error("wrong-passphrase",
                          fmt::format("the passphrase does not open the key '{}'", shown),
                          "try again; a lost passphrase cannot be found out");
    if (key == nullptr)
        return make_error("bad-key",
                          fmt::format("'{}' is no key: expected a private key in PEM", shown),
                          "take it from its backup");
    return key;
}

} // namespace unik::sign
