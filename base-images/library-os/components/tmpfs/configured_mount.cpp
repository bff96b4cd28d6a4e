#include "configured_mount.hpp"

#include <foundation/types.hpp>

namespace os::tmpfs {

namespace {

bool read_number(StringView text, std::uint64_t& out) {
    constexpr std::uint64_t k_most = UINT64_MAX / 16;
    out = 0;
    for (const char c : text) {
        if (c < '0' || c > '9' || out > k_most)
            return false;
        out = out * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return !text.empty() && out <= k_most;
}

} // namespace

// The number is behind the last comma: a path may have some.
bool read_mount(StringView value, ConfiguredMount& out) {
    std::size_t comma = value.size();
    while (comma > 0 && value[comma - 1] != ',')
        --comma;
    std::uint64_t bytes = 0;
    if (comma < 2 || !value.starts_with("/") || !read_number(value.part(comma), bytes))
        return false;
    out.path = value.part(0, comma - 1);
    out.pages = (bytes + k_page_size - 1) / k_page_size;
    return true;
}

} // namespace os::tmpfs
