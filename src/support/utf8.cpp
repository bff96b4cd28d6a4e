#include <support/utf8.hpp>

#include <algorithm>

namespace unik {
namespace {

std::size_t announced_length(unsigned char first) {
    if (first < 0x80)
        return 1;
    if (first < 0xc2)
        return 0;
    if (first < 0xe0)
        return 2;
    if (first < 0xf0)
        return 3;
    return first < 0xf5 ? 4 : 0;
}

} // namespace

std::size_t utf8_sequence_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(0);
    const std::size_t length = announced_length(first);
    if (length < 2)
        return length;
    if (text.size() < length)
        return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0) != 0x80)
            return 0;
    }
    const unsigned char second = byte(1);
    const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
    const bool surrogate = first == 0xed && second > 0x9f;
    const bool too_high = first == 0xf4 && second > 0x8f;
    return overlong || surrogate || too_high ? 0 : length;
}

std::string in_quotes(std::string_view text) {
    constexpr std::size_t k_shown = 60;
    std::string out = "'";
    std::size_t i = 0;
    while (i < text.size() && i < k_shown) {
        const std::size_t length = utf8_sequence_length(text.substr(i));
        const auto c = static_cast<unsigned char>(text[i]);
        // U+0080 to U+009F are control characters as well.
        const bool control =
            c < 0x20 || c == 0x7f ||
            (length == 2 && c == 0xc2 && static_cast<unsigned char>(text[i + 1]) < 0xa0);
        if (length == 0 || control)
            out += '?';
        else
            out += text.substr(i, length);
        i += std::max<std::size_t>(length, 1);
    }
    return out + (i < text.size() ? "…'" : "'");
}

} // namespace unik
