#include "load_options.hpp"

namespace os::boot_uefi {
namespace {

class Units {
public:
    Units(const void* options, std::uint64_t size)
        : bytes_(static_cast<const std::uint8_t*>(options)),
          count_(options == nullptr ? 0 : size / 2) {}

    // 0 at the end.
    std::uint32_t next() { return at_ < count_ ? unit(at_++) : 0; }

private:
    std::uint32_t unit(std::uint64_t index) const {
        return static_cast<std::uint32_t>(bytes_[2 * index] | bytes_[2 * index + 1] << 8);
    }
    const std::uint8_t* bytes_;
    std::uint64_t count_;
    std::uint64_t at_ = 0;
};

constexpr std::uint32_t k_no_text = 0xffff'ffff;

// The next character; 0 at the end.
std::uint32_t next_character(Units& units) {
    const std::uint32_t first = units.next();
    if (first == 0)
        return 0;
    if (first < ' ' || first == 0x7f || (first >= 0xdc00 && first < 0xe000) || first >= 0xfffe)
        return k_no_text;
    if (first < 0xd800 || first >= 0xe000)
        return first;
    const std::uint32_t second = units.next();
    if (second < 0xdc00 || second >= 0xe000)
        return k_no_text;
    return 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
}

std::size_t encode(std::uint32_t character, char* out) {
    const auto following = [&](unsigned shift) {
        return static_cast<char>(0x80 | (character >> shift & 0x3f));
    };
    if (character < 0x80) {
        out[0] = static_cast<char>(character);
        return 1;
    }
    if (character < 0x800) {
        out[0] = static_cast<char>(0xc0 | character >> 6);
        out[1] = following(0);
        return 2;
    }
    if (character < 0x10000) {
        out[0] = static_cast<char>(0xe0 | character >> 12);
        out[1] = following(6);
        out[2] = following(0);
        return 3;
    }
    out[0] = static_cast<char>(0xf0 | character >> 18);
    out[1] = following(12);
    out[2] = following(6);
    out[3] = following(0);
    return 4;
}

} // namespace

void read_load_options(const void* options, std::uint64_t size, char* out, std::size_t room) {
    Units units(options, size);
    std::size_t length = 0;
    bool full = false;
    for (std::uint32_t character = next_character(units); character != 0;
         character = next_character(units)) {
        if (character == k_no_text) {
            length = 0;
            break;
        }
        char bytes[4];
        const std::size_t count = encode(character, bytes);
        full = full || count >= room - length;
        for (std::size_t i = 0; !full && i < count; ++i)
            out[length++] = bytes[i];
    }
    out[length] = '\0';
}

} // namespace os::boot_uefi
