#include <sign/openssl.hpp>

#include <fmt/format.h>
#include <openssl/err.h>

namespace unik::sign {

Owned<BIO> bio_over(ByteSpan bytes) {
    return Owned<BIO>(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

Error openssl_error(std::string id, std::string what, std::string hint) {
    const char* reason = ERR_reason_error_string(ERR_peek_last_error());
    if (reason != nullptr)
        what += fmt::format(" ({})", reason);
    ERR_clear_error();
    return make_error(std::move(id), std::move(what), std::move(hint));
}

} // namespace unik::sign
