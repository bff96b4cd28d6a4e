// Feeds the readers of minisign's keys and signatures with anything: they must answer with values
// or an Error. A signature that was read and is written again reads the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <sign/key.hpp>

namespace {

using namespace unik;

template <typename T>
bool is_good(const Result<T>& result) {
    if (!result.ok() && result.error().diagnostics.empty())
        std::abort();
    return result.ok();
}

Result<sign::Secret> nobody_answers(const std::string&) {
    return make_error("no-passphrase", "nobody is there");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    is_good(sign::PublicKey::parse(text, "input"));
    is_good(sign::SigningKey::parse(sign::Secret(ByteVector(data, data + size)), "input",
                                    nobody_answers));
    if (const auto key = sign::minisign::parse_public_key(text, "input"); is_good(key)) {
        const auto again = sign::minisign::parse_public_key(to_text(key.value()), "input");
        if (!is_good(again) || again->id != key->id || again->point != key->point)
            std::abort();
    }
    if (const auto signature = sign::minisign::parse_signature(text, "input"); is_good(signature)) {
        const auto again = sign::minisign::parse_signature(to_text(signature.value()), "input");
        if (!is_good(again) || again->signature != signature->signature ||
            again->trusted_comment != signature->trusted_comment)
            std::abort();
    }
    return 0;
}
