// The boot loader's way to override: words of the kernel's command line.
#include "records.hpp"

namespace os::configuration {
namespace {

constexpr StringView k_prefix = "unik.";

// The words of the line one after another, their quotes still in them.
class Words {
public:
    explicit Words(StringView line) : line_(line) {}

    bool next(StringView& word) {
        while (at_ < line_.size() && line_[at_] == ' ')
            ++at_;
        const std::size_t start = at_;
        bool quoted = false;
        for (; at_ < line_.size() && (quoted || line_[at_] != ' '); ++at_)
            quoted = quoted != (line_[at_] == '"');
        word = line_.part(start, at_ - start);
        return at_ > start;
    }

private:
    StringView line_;
    std::size_t at_ = 0;
};

// Calls take(c) for each character of a record that the word stands for, the closing NUL too.
template <typename Take>
void unquote(StringView word, Take take) {
    std::size_t prefix = 0;
    for (const char c : word) {
        if (c == '"')
            continue;
        if (prefix < k_prefix.size()) {
            if (c != k_prefix[prefix])
                return;
            ++prefix;
            continue;
        }
        take(c);
    }
    if (prefix == k_prefix.size())
        take('\0');
}

template <typename Take>
void for_each_character(StringView command_line, Take take) {
    Words words(command_line);
    StringView word;
    while (words.next(word))
        unquote(word, take);
}

} // namespace

std::size_t records_size(StringView command_line) {
    std::size_t size = 0;
    for_each_character(command_line, [&size](char) { ++size; });
    return size;
}

Bytes write_records(StringView command_line, MutableBytes out) {
    std::size_t used = 0;
    for_each_character(command_line, [&](char c) { out[used++] = static_cast<std::uint8_t>(c); });
    return {out.data(), used};
}

} // namespace os::configuration
