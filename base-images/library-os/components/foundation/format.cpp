#include <foundation/format.hpp>

#include <cstdint>

namespace os {
namespace {

class Output {
public:
    Output(char* buffer, std::size_t size) : buffer_(buffer), room_(size == 0 ? 0 : size - 1) {}

    void put(char character) {
        if (size_ < room_)
            buffer_[size_++] = character;
    }
    void pad(char character, std::size_t count) {
        // What does not fit is not counted, so a huge width ends with the buffer.
        for (; count > 0 && size_ < room_; --count)
            put(character);
    }
    void put(const char* text, std::size_t size) {
        for (std::size_t i = 0; i < size && size_ < room_; ++i)
            put(text[i]);
    }
    std::size_t finish(bool has_room) {
        if (has_room)
            buffer_[size_] = '\0';
        return size_;
    }

private:
    char* buffer_;
    std::size_t room_;
    std::size_t size_ = 0;
};

enum class Length { plain, half, quarter, wide };

struct Directive {
    bool zero = false;
    bool left = false;
    std::size_t width = 0;
    std::size_t precision = SIZE_MAX; // of strings
    Length length = Length::plain;
    char conversion = '\0';
};

constexpr std::size_t k_width_limit = 4096;

void put_text(Output& out, const Directive& directive, const char* text, std::size_t size) {
    const std::size_t padding = directive.width > size ? directive.width - size : 0;
    if (!directive.left)
        out.pad(' ', padding);
    out.put(text, size);
    if (directive.left)
        out.pad(' ', padding);
}

void put_number(Output& out, Directive directive, std::uint64_t value, unsigned base,
                const char* prefix) {
    char digits[32];
    std::size_t size = 0;
    do {
        digits[sizeof(digits) - ++size] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    const std::size_t prefix_size = __builtin_strlen(prefix);
    const std::size_t whole = size + prefix_size;
    if (directive.zero && !directive.left) {
        out.put(prefix, prefix_size);
        out.pad('0', directive.width > whole ? directive.width - whole : 0);
        out.put(digits + sizeof(digits) - size, size);
        return;
    }
    for (std::size_t i = prefix_size; i > 0; --i)
        digits[sizeof(digits) - ++size] = prefix[i - 1];
    put_text(out, directive, digits + sizeof(digits) - size, size);
}

const char* parse_number(const char* at, std::size_t& value) {
    value = 0;
    for (; *at >= '0' && *at <= '9'; ++at)
        if (value < k_width_limit)
            value = value * 10 + static_cast<std::size_t>(*at - '0');
    return at;
}

std::size_t star(int value) {
    return value < 0 ? SIZE_MAX : static_cast<std::size_t>(value);
}

const char* parse_length(const char* at, Length& length) {
    if (*at == 'z' || *at == 'j' || *at == 't') {
        length = Length::wide;
        return at + 1;
    }
    if (*at == 'l') {
        length = Length::wide;
        return at[1] == 'l' ? at + 2 : at + 1;
    }
    if (*at == 'h') {
        length = at[1] == 'h' ? Length::quarter : Length::half;
        return at[1] == 'h' ? at + 2 : at + 1;
    }
    return at;
}

std::int64_t narrow_signed(std::int64_t value, Length length) {
    if (length == Length::quarter)
        return static_cast<signed char>(value);
    return length == Length::half ? static_cast<short>(value) : value;
}

std::uint64_t narrow_unsigned(std::uint64_t value, Length length) {
    if (length == Length::quarter)
        return static_cast<unsigned char>(value);
    return length == Length::half ? static_cast<unsigned short>(value) : value;
}

void put_signed(Output& out, const Directive& directive, std::int64_t value) {
    const bool negative = value < 0;
    const auto magnitude =
        negative ? ~static_cast<std::uint64_t>(value) + 1 : static_cast<std::uint64_t>(value);
    put_number(out, directive, magnitude, 10, negative ? "-" : "");
}

std::size_t bounded_length(const char* text, std::size_t limit) {
    std::size_t size = 0;
    while (size < limit && text[size] != '\0')
        ++size;
    return size;
}

// va_list is an array type here; the structure lets it be passed on by reference.
struct Arguments {
    std::va_list list;
};

void convert(Output& out, const Directive& directive, Arguments& arguments) {
    const bool wide = directive.length == Length::wide;
    switch (directive.conversion) {
    case 'd':
    case 'i': {
        const std::int64_t value =
            wide ? va_arg(arguments.list, long) : va_arg(arguments.list, int);
        return put_signed(out, directive, narrow_signed(value, directive.length));
    }
    case 'u':
    case 'x': {
        const std::uint64_t value =
            wide ? va_arg(arguments.list, unsigned long) : va_arg(arguments.list, unsigned);
        return put_number(out, directive, narrow_unsigned(value, directive.length),
                          directive.conversion == 'u' ? 10 : 16, "");
    }
    case 'p':
        return put_number(out, directive,
                          reinterpret_cast<std::uint64_t>(va_arg(arguments.list, void*)), 16, "0x");
    case 'c': {
        const char character = static_cast<char>(va_arg(arguments.list, int));
        return put_text(out, directive, &character, 1);
    }
    case 's': {
        const char* text = va_arg(arguments.list, const char*);
        if (text == nullptr)
            text = "(null)";
        return put_text(out, directive, text, bounded_length(text, directive.precision));
    }
    default: out.put(directive.conversion);
    }
}

// Reads what follows a '%'; returns where it ends.
const char* parse_directive(const char* at, Directive& directive, Arguments& arguments) {
    for (; *at == '0' || *at == '-'; ++at)
        (*at == '0' ? directive.zero : directive.left) = true;
    if (*at == '*') {
        const int width = va_arg(arguments.list, int);
        directive.width = width < 0 ? 0 : static_cast<std::size_t>(width);
        ++at;
    } else {
        at = parse_number(at, directive.width);
    }
    if (*at == '.') {
        ++at;
        if (*at == '*') {
            directive.precision = star(va_arg(arguments.list, int));
            ++at;
        } else {
            at = parse_number(at, directive.precision);
        }
    }
    at = parse_length(at, directive.length);
    directive.conversion = *at;
    return *at == '\0' ? at : at + 1;
}

} // namespace

std::size_t format_arguments(char* buffer, std::size_t size, const char* format,
                             std::va_list arguments) {
    Output out(buffer, size);
    Arguments copy;
    va_copy(copy.list, arguments);
    while (*format != '\0') {
        if (*format != '%') {
            out.put(*format++);
            continue;
        }
        Directive directive;
        format = parse_directive(format + 1, directive, copy);
        if (directive.conversion != '\0')
            convert(out, directive, copy);
    }
    va_end(copy.list);
    return out.finish(size > 0);
}

std::size_t format(char* buffer, std::size_t size, const char* format, ...) {
    std::va_list arguments;
    va_start(arguments, format);
    const std::size_t written = format_arguments(buffer, size, format, arguments);
    va_end(arguments);
    return written;
}

} // namespace os
