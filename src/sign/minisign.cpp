#include <sign/minisign.hpp>

#include <algorithm>
#include <cstring>
#include <vector>

#include <fmt/format.h>

#include <sign/base64.hpp>
#include <support/utf8.hpp>

namespace unik::sign::minisign {
namespace {

constexpr std::string_view k_untrusted = "untrusted comment: ";
constexpr std::string_view k_trusted = "trusted comment: ";
constexpr std::string_view k_plain = "Ed";
constexpr std::string_view k_prehashed = "ED";
constexpr std::size_t k_longest_comment = 8191; // of minisign's trusted comments
constexpr std::size_t k_longest_file = 16 << 10;
constexpr std::size_t k_public_size = 2 + 8 + 32;
constexpr std::size_t k_signature_size = 2 + 8 + 64;

// Without the line end of the last one; more than `most` lines are none.
std::vector<std::string_view> lines_of(std::string_view text, std::size_t most) {
    std::vector<std::string_view> lines;
    if (text.size() > k_longest_file)
        return lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        lines.push_back(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
        if (lines.size() > most)
            return {};
    }
    return lines;
}

bool is_comment_line(std::string_view line, std::string_view prefix) {
    return line.starts_with(prefix) && is_comment(line.substr(prefix.size()));
}

template <std::size_t size>
std::array<std::uint8_t, size> take(ByteSpan& bytes) {
    std::array<std::uint8_t, size> out{};
    std::copy_n(bytes.begin(), size, out.begin());
    bytes = bytes.subspan(size);
    return out;
}

bool take_mark(ByteSpan& bytes, std::string_view mark) {
    const bool same = std::memcmp(bytes.data(), mark.data(), mark.size()) == 0;
    bytes = bytes.subspan(mark.size());
    return same;
}

void put(ByteVector& out, ByteSpan bytes) {
    out.insert(out.end(), bytes.begin(), bytes.end());
}

ByteVector begin(std::string_view mark, const KeyId& id) {
    ByteVector out(mark.begin(), mark.end());
    put(out, id);
    return out;
}

Error bad_signature(const std::string& shown, std::string_view reason, std::string hint = {}) {
    return make_error("bad-signature", fmt::format("'{}' is no signature: {}", shown, reason),
                      hint.empty() ? "fetch it again, or have the file signed anew" : hint,
                      ExitCode::verification_refused);
}

Error bad_key(const std::string& shown) {
    return make_error("bad-key",
                      fmt::format("'{}' is no public key: expected minisign's form or a P-256 key "
                                  "in PEM",
                                  shown),
                      "'unik keygen' writes it as NAME.pub");
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = utf8_sequence_length(text);
        if (length == 0)
            return false;
        text.remove_prefix(length);
    }
    return true;
}

} // namespace

bool is_comment(std::string_view text) {
    const auto is_control = [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
    };
    return text.size() <= k_longest_comment && std::none_of(text.begin(), text.end(), is_control) &&
           is_utf8(text);
}

std::string to_text(const KeyId& id) {
    std::string text;
    for (auto byte = id.rbegin(); byte != id.rend(); ++byte)
        text += fmt::format("{:02X}", *byte);
    return text;
}

Result<PublicKey> parse_public_key(std::string_view text, const std::string& shown) {
    const auto lines = lines_of(text, 2);
    if (lines.empty() || (lines.size() == 2 && !is_comment_line(lines[0], k_untrusted)))
        return bad_key(shown);
    const auto decoded = from_base64(lines.back(), k_public_size);
    if (!decoded)
        return bad_key(shown);
    ByteSpan bytes = decoded->bytes();
    if (!take_mark(bytes, k_plain))
        return bad_key(shown);
    PublicKey key;
    key.id = take<8>(bytes);
    key.point = take<32>(bytes);
    return key;
}

std::string to_text(const PublicKey& key) {
    ByteVector bytes = begin(k_plain, key.id);
    put(bytes, key.point);
    return fmt::format("{}minisign public key {}\n{}\n", k_untrusted, to_text(key.id),
                       to_base64(bytes));
}

Result<Signature> parse_signature(std::string_view text, const std::string& shown) {
    if (text.size() > k_longest_file)
        return bad_signature(shown, fmt::format("it is larger than {} bytes", k_longest_file));
    const auto lines = lines_of(text, 4);
    if (lines.size() != 4)
        return bad_signature(shown, "expected four lines");
    if (!is_comment_line(lines[0], k_untrusted) || !is_comment_line(lines[2], k_trusted))
        return bad_signature(shown, "expected an untrusted comment in its first line and a trusted "
                                    "one in its third, without control characters");
    const auto main = from_base64(lines[1], k_signature_size);
    const auto comment = from_base64(lines[3], 64);
    if (!main || !comment)
        return bad_signature(shown, "expected base64 of 74 bytes in its second line and of 64 in "
                                    "its fourth");
    ByteSpan bytes = main->bytes();
    if (std::memcmp(bytes.data(), k_plain.data(), k_plain.size()) == 0)
        return bad_signature(shown, "it has minisign's older form, without a hash",
                             "sign the file again with 'minisign -S -H', or with unik");
    if (!take_mark(bytes, k_prehashed))
        return bad_signature(shown, "it is made by an unknown algorithm");
    Signature signature;
    signature.id = take<8>(bytes);
    signature.signature = take<64>(bytes);
    signature.trusted_comment = lines[2].substr(k_trusted.size());
    ByteSpan rest = comment->bytes();
    signature.comment_signature = take<64>(rest);
    return signature;
}

std::string to_text(const Signature& signature) {
    ByteVector bytes = begin(k_prehashed, signature.id);
    put(bytes, signature.signature);
    return fmt::format("{}signature by unik, key {}\n{}\n{}{}\n{}\n", k_untrusted,
                       to_text(signature.id), to_base64(bytes), k_trusted,
                       signature.trusted_comment, to_base64(signature.comment_signature));
}

} // namespace unik::sign::minisign
