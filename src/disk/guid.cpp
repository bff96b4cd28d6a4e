#include <disk/guid.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <support/sha256.hpp>

namespace unik::disk {
namespace {

// Text order → stored order.
constexpr std::array<std::size_t, 16> k_stored{3, 2, 1,  0,  5,  4,  7,  6,
                                               8, 9, 10, 11, 12, 13, 14, 15};

std::uint8_t digit(char c) {
    if (c >= '0' && c <= '9')
        return static_cast<std::uint8_t>(c - '0');
    return static_cast<std::uint8_t>((c | 0x20) - 'a' + 10);
}

} // namespace

Guid guid(std::string_view text) {
    Guid out;
    std::size_t position = 0;
    for (const std::size_t stored : k_stored) {
        if (text[position] == '-')
            ++position;
        out.bytes[stored] =
            static_cast<std::uint8_t>(digit(text[position]) << 4 | digit(text[position + 1]));
        position += 2;
    }
    return out;
}

std::string to_text(const Guid& guid) {
    std::string out;
    for (std::size_t i = 0; i < k_stored.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            out += '-';
        out += fmt::format("{:02X}", guid.bytes[k_stored[i]]);
    }
    return out;
}

Guid derive_guid(std::string_view purpose, ByteSpan seed) {
    Sha256 hash;
    hash.update(purpose);
    hash.update(std::string_view("\0", 1));
    hash.update(seed);
    const Digest digest = hash.finish();
    Guid out;
    std::copy_n(digest.begin(), out.bytes.size(), out.bytes.begin());
    out.bytes[7] = static_cast<std::uint8_t>((out.bytes[7] & 0x0f) | 0x80); // version 8
    out.bytes[8] = static_cast<std::uint8_t>((out.bytes[8] & 0x3f) | 0x80); // RFC 9562's variant
    return out;
}

} // namespace unik::disk
