#include "network_settings.hpp"

namespace os::lwip {

namespace {
// The text up to the separator; the rest stays.
StringView take_until(StringView& text, char separator) {
    const std::size_t end = text.find(separator);
    const StringView head = text.part(0, end);
    text = end == StringView::npos ? StringView() : text.part(end + 1);
    return head;
}

Result<unsigned> parse_prefix(StringView text, unsigned most) {
    unsigned value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9')
            return Errno::einval;
        value = value * 10 + static_cast<unsigned>(c - '0');
        if (value > most)
            return Errno::einval;
    }
    return text.empty() ? Result<unsigned>(Errno::einval) : Result<unsigned>(value);
}

bool is_address_character(char c) {
    const char lower = static_cast<char>(c | 0x20);
    return (c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'f') || c == ':' || c == '.';
}

template <typename Address>
Result<Address> parse_address(StringView text, int (*parse)(const char*, Address*)) {
    char buffer[64];
    if (text.empty() || text.size() >= sizeof buffer)
        return Errno::einval;
    for (const char c : text) // lwIP stops at others and is content with what came before
        if (!is_address_character(c))
            return Errno::einval;
    __builtin_memcpy(buffer, text.data(), text.size());
    buffer[text.size()] = '\0';
    Address address{};
    if (parse(buffer, &address) == 0)
        return Errno::einval;
    return address;
}
} // namespace

Result<Ip4Settings> parse_ip4_settings(StringView text) {
    Ip4Settings settings;
    if (text.empty() || text == "dhcp")
        return settings;
    settings.dhcp = false;
    StringView network = take_until(text, ',');
    settings.address = UNIK_TRY(parse_address(take_until(network, '/'), &ip4addr_aton));
    settings.prefix = UNIK_TRY(parse_prefix(network, 32));
    if (!text.empty())
        settings.gateway = UNIK_TRY(parse_address(take_until(text, ','), &ip4addr_aton));
    if (!text.empty())
        settings.name_server = UNIK_TRY(parse_address(text, &ip4addr_aton));
    return settings;
}

Result<Ip6Settings> parse_ip6_settings(StringView text) {
    Ip6Settings settings;
    if (text.empty() || text == "auto")
        return settings;
    if (text == "off") {
        settings.mode = Ip6Settings::Mode::off;
        return settings;
    }
    settings.mode = Ip6Settings::Mode::fixed;
    StringView network = take_until(text, ',');
    settings.address = UNIK_TRY(parse_address(take_until(network, '/'), &ip6addr_aton));
    settings.prefix = UNIK_TRY(parse_prefix(network, 128));
    if (!text.empty()) {
        settings.gateway = UNIK_TRY(parse_address(text, &ip6addr_aton));
        settings.has_gateway = true;
    }
    return settings;
}

} // namespace os::lwip
