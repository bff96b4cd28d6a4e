// minisign's secret-key files (minisign.hpp gives the form).
#include <sign/minisign.hpp>

#include <algorithm>
#include <cstring>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <vocabulary/endian.hpp>

#include <sign/base64.hpp>
#include <sign/blake2b.hpp>
#include <sign/openssl.hpp>

namespace unik::sign::minisign {
namespace {

using vocabulary::Le64;

constexpr std::string_view k_comment = "untrusted comment: ";
constexpr std::size_t k_secret_size = 104; // what the passphrase protects
constexpr char k_scrypt[2] = {'S', 'c'};
constexpr char k_open[2] = {'\0', '\0'};

struct Layout {
    char algorithm[2];
    char derivation[2];
    char checksum_algorithm[2];
    std::uint8_t salt[32];
    Le64 operations;
    Le64 memory;
    std::uint8_t secret[k_secret_size];
};
static_assert(sizeof(Layout) == 158);

// 256 MiB and about a second on a machine of today: N = 2^18, r = 8, p = 1. minisign's own default
// takes four times as much of both, more than a small CI machine has to spare.
constexpr std::uint64_t k_operations = 1 << 23;
constexpr std::uint64_t k_memory = 256 << 20;

// No more than twice what minisign's own default asks for.
constexpr std::uint64_t k_most_operations = 1ULL << 26;
constexpr std::uint64_t k_most_memory = 1ULL << 31;

struct Cost {
    std::uint64_t n = 0;
    std::uint64_t p = 1;
    static constexpr std::uint64_t r = 8;
};

// As libsodium's crypto_pwhash_scryptsalsa208sha256 turns its limits into scrypt's parameters
// (RFC 7914, 2): N is the largest power of two that keeps within the tighter limit.
Cost cost_of(std::uint64_t operations, std::uint64_t memory) {
    operations = std::max<std::uint64_t>(operations, 32768);
    const bool operations_bind = operations < memory / 32;
    const std::uint64_t most_n =
        operations_bind ? operations / (Cost::r * 4) : memory / (Cost::r * 128);
    Cost cost;
    for (cost.n = 2; cost.n <= most_n / 2;)
        cost.n *= 2;
    if (!operations_bind)
        cost.p = std::max<std::uint64_t>(operations / 4 / cost.n / Cost::r, 1);
    return cost;
}

Result<void> mask(Layout& layout, const Secret& passphrase) {
    const Cost cost = cost_of(layout.operations, layout.memory);
    Secret stream(k_secret_size);
    if (EVP_PBE_scrypt(passphrase.text().data(), passphrase.size(), layout.salt,
                       sizeof(layout.salt), cost.n, Cost::r, cost.p, 2 * k_most_memory,
                       stream.data(), stream.size()) != 1)
        return openssl_error(
            "crypto-failed", "the key could not be derived from the passphrase",
            fmt::format("it takes {} of memory", unik::to_text(Bytes{cost.n * Cost::r * 128})));
    for (std::size_t i = 0; i < k_secret_size; ++i)
        layout.secret[i] ^= stream.data()[i];
    return {};
}

// "Ed", key id, seed, public key.
Checksum checksum_of(const Layout& layout) {
    Secret bytes(2 + k_secret_size - sizeof(Checksum));
    std::memcpy(bytes.data(), layout.algorithm, 2);
    std::memcpy(bytes.data() + 2, layout.secret, bytes.size() - 2);
    return blake2b_256(bytes.bytes());
}

// 'minisign -G -W' leaves the checksum of a key without passphrase zero.
bool has_right_checksum(const Layout& layout, bool is_protected) {
    constexpr Checksum none{};
    const Checksum sum = checksum_of(layout);
    const std::uint8_t* found = layout.secret + k_secret_size - sizeof(Checksum);
    return CRYPTO_memcmp(sum.data(), found, sizeof(Checksum)) == 0 ||
           (!is_protected && std::memcmp(none.data(), found, sizeof(Checksum)) == 0);
}

// A Layout is overwritten when it is no longer needed.
struct Wiped {
    Layout layout{};
    ~Wiped() { OPENSSL_cleanse(&layout, sizeof(layout)); }
};

bool is_known(const Layout& layout) {
    const bool open = std::memcmp(layout.derivation, k_open, 2) == 0;
    const bool scrypt = std::memcmp(layout.derivation, k_scrypt, 2) == 0 &&
                        layout.operations <= k_most_operations && layout.memory <= k_most_memory;
    return std::memcmp(layout.algorithm, "Ed", 2) == 0 &&
           std::memcmp(layout.checksum_algorithm, "B2", 2) == 0 && (open || scrypt);
}

// The base64 line; empty when the text has another form.
std::string_view content_of(std::string_view text) {
    const std::size_t end = text.find('\n');
    if (!text.starts_with(k_comment) || end == std::string_view::npos)
        return {};
    text.remove_prefix(end + 1);
    if (text.ends_with('\n'))
        text.remove_suffix(1);
    return text;
}

Error bad_key(const std::string& shown) {
    return make_error("bad-key",
                      fmt::format("'{}' is no signing key: expected minisign's secret key, or a "
                                  "P-256 key in PEM",
                                  shown),
                      "'unik keygen' makes one");
}

} // namespace

bool is_secret_key(std::string_view text) {
    return text.starts_with(k_comment);
}

Result<SecretKey> parse_secret_key(std::string_view text, const std::string& shown,
                                   const AskPassphrase& ask) {
    const auto decoded = from_base64(content_of(text), sizeof(Layout));
    if (!decoded)
        return bad_key(shown);
    Wiped wiped;
    Layout& layout = wiped.layout;
    std::memcpy(&layout, decoded->bytes().data(), sizeof(layout));
    if (!is_known(layout))
        return bad_key(shown);
    const bool is_protected = std::memcmp(layout.derivation, k_scrypt, 2) == 0;
    if (is_protected)
        UNIK_TRY(mask(layout, UNIK_TRY(ask(fmt::format("the passphrase of '{}'", shown)))));
    if (!has_right_checksum(layout, is_protected)) {
        if (is_protected)
            return make_error("wrong-passphrase",
                              fmt::format("the passphrase does not open the key '{}'", shown),
                              "try again; a lost passphrase cannot be found out");
        return bad_key(shown);
    }
    SecretKey key;
    std::copy_n(layout.secret, 8, key.id.begin());
    std::copy_n(layout.secret + 8, 32, key.seed.data());
    std::copy_n(layout.secret + 40, 32, key.point.begin());
    return key;
}

Result<Secret> to_text(const SecretKey& key, const Secret* passphrase) {
    Wiped wiped;
    Layout& layout = wiped.layout;
    std::memcpy(layout.algorithm, "Ed", 2);
    std::memcpy(layout.checksum_algorithm, "B2", 2);
    std::copy_n(key.id.begin(), 8, layout.secret);
    std::copy_n(key.seed.bytes().begin(), 32, layout.secret + 8);
    std::copy_n(key.point.begin(), 32, layout.secret + 40);
    const Checksum sum = checksum_of(layout);
    std::copy_n(sum.begin(), sum.size(), layout.secret + 72);
    if (passphrase != nullptr) {
        std::memcpy(layout.derivation, k_scrypt, 2);
        layout.operations = k_operations;
        layout.memory = k_memory;
        if (RAND_bytes(layout.salt, sizeof(layout.salt)) != 1)
            return openssl_error("crypto-failed", "there are no random numbers to be had");
        UNIK_TRY(mask(layout, *passphrase));
    }
    std::string base64 =
        to_base64({reinterpret_cast<const std::uint8_t*>(&layout), sizeof(layout)});
    const std::string_view kind =
        passphrase != nullptr ? "minisign encrypted secret key" : "minisign secret key";
    std::string text;
    text.reserve(512);
    text.append(k_comment).append(kind).append("\n").append(base64).append("\n");
    Secret out(ByteVector(text.begin(), text.end()));
    OPENSSL_cleanse(base64.data(), base64.size());
    OPENSSL_cleanse(text.data(), text.size());
    return out;
}

} // namespace unik::sign::minisign
