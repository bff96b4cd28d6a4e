#include <control/json_line.hpp>

#include <foundation/format.hpp>

namespace os::control {
namespace {

// The length of the well-formed UTF-8 sequence (RFC 3629) at the start of the text, 0 if none.
std::size_t sequence_length(StringView text) {
    struct Form {
        std::uint8_t first_low, first_high, second_low, second_high;
        std::size_t length;
    };
    static constexpr Form forms[] = {
        {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
        {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
        {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    const auto byte = [&](std::size_t index) { return static_cast<std::uint8_t>(text[index]); };
    if (byte(0) < 0x80)
        return 1;
    for (const Form& form : forms) {
        if (byte(0) < form.first_low || byte(0) > form.first_high)
            continue;
        if (text.size() < form.length || byte(1) < form.second_low || byte(1) > form.second_high)
            return 0;
        for (std::size_t i = 2; i < form.length; ++i)
            if (byte(i) < 0x80 || byte(i) > 0xbf)
                return 0;
        return form.length;
    }
    return 0;
}

} // namespace

void JsonLine::put(char character) {
    if (size_ + k_closing < sizeof(buffer_))
        buffer_[size_++] = character;
    else
        full_ = true;
}

bool JsonLine::keep(Mark mark) {
    if (!full_)
        return true;
    size_ = mark;
    full_ = false;
    return false;
}

void JsonLine::raw(StringView text) {
    for (const char character : text)
        put(character);
}

void JsonLine::key(StringView name) {
    if (size_ > 1)
        put(',');
    quoted(name);
    put(':');
}

void JsonLine::quoted(StringView text) {
    put('"');
    for (std::size_t i = 0; i < text.size();) {
        const auto byte = static_cast<std::uint8_t>(text[i]);
        const std::size_t length = sequence_length(text.part(i));
        if (byte == '"' || byte == '\\') {
            put('\\');
            put(text[i]);
        } else if (byte < 0x20 || byte == 0x7f || length == 0) {
            char escaped[8];
            const std::size_t size = format(escaped, sizeof(escaped), "\\u%04x", unsigned{byte});
            raw(StringView(escaped, size));
        } else {
            raw(text.part(i, length));
        }
        i += length == 0 ? 1 : length;
    }
    put('"');
}

void JsonLine::number(std::int64_t value) {
    char digits[24];
    raw(StringView(digits, format(digits, sizeof(digits), "%ld", value)));
}

void JsonLine::hex(std::uint64_t value) {
    char digits[24];
    raw(StringView(digits, format(digits, sizeof(digits), "\"0x%lx\"", value)));
}

StringView JsonLine::close() {
    if (!closed_) {
        buffer_[size_++] = '}';
        buffer_[size_++] = '\n';
        closed_ = true;
    }
    return {buffer_, size_};
}

} // namespace os::control
