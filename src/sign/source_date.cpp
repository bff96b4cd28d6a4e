#include <sign/source_date.hpp>

#include <charconv>
#include <cstdlib>
#include <string_view>

namespace unik::sign {

std::optional<std::int64_t> source_date() {
    constexpr std::int64_t k_end_of_9999 = 253'402'300'799;
    const char* variable = std::getenv("SOURCE_DATE_EPOCH");
    const std::string_view text = variable != nullptr ? variable : "";
    std::int64_t seconds = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (text.empty() || error != std::errc() || end != text.data() + text.size() || seconds < 0 ||
        seconds > k_end_of_9999)
        return std::nullopt;
    return seconds;
}

} // namespace unik::sign
