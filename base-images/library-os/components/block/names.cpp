#include "names.hpp"

#include <foundation/format.hpp>

namespace os::block {

namespace {

constexpr unsigned k_letters = 26;
constexpr std::size_t k_most_letters = 6;

// 0 → "a", 25 → "z", 26 → "aa": there is no zero, so each place is taken off after one was taken
// away.
std::size_t in_letters(char* out, std::size_t size, const char* prefix, unsigned index) {
    char letters[k_most_letters + 1];
    std::size_t start = k_most_letters;
    letters[start] = '\0';
    for (unsigned left = index + 1; left > 0 && start > 0; left = (left - 1) / k_letters)
        letters[--start] = static_cast<char>('a' + (left - 1) % k_letters);
    return format(out, size, "%s%s", prefix, letters + start);
}

std::size_t in_numbers(char* out, std::size_t size, const char* prefix, unsigned index) {
    return format(out, size, "%s%u", prefix, index);
}

std::size_t in_namespaces(char* out, std::size_t size, const char* prefix, unsigned index) {
    return format(out, size, "%s%un1", prefix, index);
}

struct Style {
    const char* prefix;
    std::size_t (*write)(char*, std::size_t, const char*, unsigned);
};
constexpr Style k_styles[] = {
    {"vd", in_letters},
    {"sd", in_letters},
    {"sr", in_numbers},
    {"nvme", in_namespaces},
};

} // namespace

Result<void> NameCounter::next(StringView prefix, char* name, std::size_t size) {
    static_assert(sizeof(k_styles) / sizeof(k_styles[0]) == k_prefixes);
    for (std::size_t i = 0; i < k_prefixes; ++i) {
        if (!(prefix == k_styles[i].prefix))
            continue;
        const std::size_t length = k_styles[i].write(name, size, k_styles[i].prefix, counts_[i]);
        if (length + 1 >= size) // it may have been cut off
            return Errno::enospc;
        ++counts_[i];
        return {};
    }
    return Errno::einval;
}

} // namespace os::block
