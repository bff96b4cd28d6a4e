#include <virtio-mmio/virtio_mmio.hpp>

namespace os::virtio_mmio {

namespace {
constexpr StringView k_parameter = "virtio_mmio.device=";

int digit_value(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : 99;
}

// A C number, decimal or hexadecimal, from the start of the text, which shrinks by it.
Result<std::uint64_t> take_number(StringView& text) {
    const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
    if (hexadecimal)
        text = text.part(2);
    const unsigned base = hexadecimal ? 16 : 10;
    std::uint64_t value = 0;
    std::size_t digits = 0;
    for (; digits < text.size(); ++digits) {
        const int digit = digit_value(text[digits]);
        if (digit >= static_cast<int>(base))
            break;
        if (__builtin_mul_overflow(value, base, &value) ||
            __builtin_add_overflow(value, static_cast<unsigned>(digit), &value))
            return Errno::einval;
    }
    if (digits == 0)
        return Errno::einval;
    text = text.part(digits);
    return value;
}

bool take(StringView& text, char wanted) {
    if (text.empty() || text[0] != wanted)
        return false;
    text = text.part(1);
    return true;
}
} // namespace

Result<Window> parse_window(StringView text) {
    Window window;
    window.size = UNIK_TRY(take_number(text));
    unsigned shift = 0;
    if (take(text, 'K') || take(text, 'k'))
        shift = 10;
    else if (take(text, 'M') || take(text, 'm'))
        shift = 20;
    if (window.size > (UINT64_MAX >> shift))
        return Errno::einval;
    window.size <<= shift;
    if (!take(text, '@'))
        return Errno::einval;
    window.address.value = UNIK_TRY(take_number(text));
    if (!take(text, ':'))
        return Errno::einval;
    const std::uint64_t irq = UNIK_TRY(take_number(text));
    if (take(text, ':'))
        (void)UNIK_TRY(take_number(text));
    constexpr std::uint64_t k_least_size = 0x200;
    if (!text.empty() || irq > 1023 || window.size < k_least_size ||
        window.size > UINT64_MAX - window.address.value)
        return Errno::einval;
    window.irq = static_cast<std::uint32_t>(irq);
    return window;
}

bool next_window(StringView command_line, std::size_t& position, Window& out, unsigned& malformed) {
    while (position < command_line.size()) {
        const std::size_t end = command_line.find(' ', position);
        const StringView word =
            command_line.part(position, end == StringView::npos ? end : end - position);
        position = end == StringView::npos ? command_line.size() : end + 1;
        if (!word.starts_with(k_parameter))
            continue;
        const Result<Window> window = parse_window(word.part(k_parameter.size()));
        if (window.ok()) {
            out = window.value();
            return true;
        }
        ++malformed;
    }
    return false;
}

} // namespace os::virtio_mmio
