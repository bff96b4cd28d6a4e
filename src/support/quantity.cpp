#include <support/quantity.hpp>

#include <array>
#include <charconv>
#include <limits>

#include <fmt/format.h>

namespace unik {
namespace {

struct Suffix {
    std::string_view text;
    unsigned shift;
};

constexpr std::array k_suffixes{
    Suffix{"", 0},     Suffix{"B", 0},   Suffix{"K", 10},   Suffix{"KB", 10},  Suffix{"KiB", 10},
    Suffix{"M", 20},   Suffix{"MB", 20}, Suffix{"MiB", 20}, Suffix{"G", 30},   Suffix{"GB", 30},
    Suffix{"GiB", 30}, Suffix{"T", 40},  Suffix{"TB", 40},  Suffix{"TiB", 40}, Suffix{"k", 10},
    Suffix{"m", 20},   Suffix{"g", 30},
};

} // namespace

std::optional<Bytes> parse_bytes(std::string_view text) {
    std::uint64_t number = 0;
    const char* end = text.data() + text.size();
    const auto [rest, status] = std::from_chars(text.data(), end, number);
    if (status != std::errc{})
        return std::nullopt;
    const std::string_view suffix(rest, static_cast<std::size_t>(end - rest));
    for (const Suffix& known : k_suffixes) {
        if (known.text != suffix)
            continue;
        if (number > (std::numeric_limits<std::uint64_t>::max() >> known.shift))
            return std::nullopt;
        return Bytes{number << known.shift};
    }
    return std::nullopt;
}

std::string to_text(Bytes bytes) {
    constexpr std::array k_units{"B", "KiB", "MiB", "GiB", "TiB"};
    auto amount = static_cast<double>(bytes.value);
    std::size_t unit = 0;
    while (amount >= 1024 && unit + 1 < k_units.size()) {
        amount /= 1024;
        ++unit;
    }
    if (unit == 0 || amount >= 100)
        return fmt::format("{:.0f} {}", amount, k_units[unit]);
    return fmt::format("{:.1f} {}", amount, k_units[unit]);
}

} // namespace unik
