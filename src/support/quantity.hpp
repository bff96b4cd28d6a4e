// Units live in types.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace unik {

struct Bytes {
    std::uint64_t value = 0;
    auto operator<=>(const Bytes&) const = default;
};

struct Milliseconds {
    std::int64_t value = 0;
    auto operator<=>(const Milliseconds&) const = default;
};

// "64M", "1G", "512K", "4096", also "64MiB", "64MB" (all powers of 1024, as in the container
// world). Nothing for anything else, for zero digits and for what does not fit 64 bits.
std::optional<Bytes> parse_bytes(std::string_view text);

// "1.4 MiB", "312 KiB", "17 B".
std::string to_text(Bytes bytes);

} // namespace unik
