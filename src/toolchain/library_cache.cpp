#include <toolchain/library_cache.hpp>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

#include <vocabulary/byte_reader.hpp>
#include <vocabulary/endian.hpp>

namespace unik::toolchain {
namespace {

using vocabulary::Le32;

constexpr std::string_view k_magic = "glibc-ld.so.cache1.1";
constexpr std::string_view k_old_magic = "ld.so-1.7.0";
constexpr std::size_t k_old_header_size = 16; // with padding
constexpr std::size_t k_old_entry_size = 12;
constexpr std::uint8_t k_little_endian = 2;
constexpr std::uint32_t k_x86_64 = 0x303; // a library of libc.so.6, for x86-64

struct Header {
    char magic[20];
    Le32 count;
    Le32 strings_size;
    std::uint8_t flags;
    std::uint8_t padding[3];
    Le32 extensions;
    Le32 unused[3];
};
static_assert(sizeof(Header) == 48);

struct Entry {
    Le32 flags;
    Le32 name;
    Le32 path;
    Le32 system_version;
    Le32 capabilities[2];
};
static_assert(sizeof(Entry) == 24);

// The table proper: behind an older one, if there is such.
ByteSpan current_part(ByteSpan bytes) {
    if (bytes.size() < k_old_header_size ||
        std::memcmp(bytes.data(), k_old_magic.data(), k_old_magic.size()) != 0)
        return bytes;
    Le32 count{};
    std::memcpy(&count, bytes.data() + 12, sizeof count);
    const std::uint64_t end = k_old_header_size + std::uint64_t{count} * k_old_entry_size;
    const std::uint64_t start = (end + 7) / 8 * 8;
    return start < bytes.size() ? bytes.subspan(static_cast<std::size_t>(start)) : ByteSpan();
}

std::optional<std::string> text_at(ByteSpan bytes, std::uint32_t offset) {
    if (offset >= bytes.size())
        return std::nullopt;
    const ByteSpan rest = bytes.subspan(offset);
    const auto end = std::find(rest.begin(), rest.end(), std::uint8_t{0});
    if (end == rest.end())
        return std::nullopt;
    return std::string(rest.begin(), end);
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// The run of digits at the front without leading zeros, cut off from the text.
std::string_view take_number(std::string_view& text) {
    std::size_t end = 0;
    while (end < text.size() && is_digit(text[end]))
        ++end;
    std::string_view number = text.substr(0, end);
    text.remove_prefix(end);
    while (number.size() > 1 && number.front() == '0')
        number.remove_prefix(1);
    return number;
}

// Below, at or above zero, as the loader compares; a number comes after any other character.
int compare(std::string_view a, std::string_view b) {
    while (!a.empty()) {
        if (is_digit(a.front())) {
            if (b.empty() || !is_digit(b.front()))
                return 1;
            const std::string_view first = take_number(a);
            const std::string_view second = take_number(b);
            if (first.size() != second.size())
                return first.size() < second.size() ? -1 : 1;
            if (const int order = first.compare(second); order != 0)
                return order;
            continue;
        }
        if (!b.empty() && is_digit(b.front()))
            return -1;
        const auto first = static_cast<unsigned char>(a.front());
        const auto second = static_cast<unsigned char>(b.empty() ? '\0' : b.front());
        if (first != second)
            return first < second ? -1 : 1;
        a.remove_prefix(1);
        b.remove_prefix(1);
    }
    return b.empty() ? 0 : -1;
}

template <typename T>
void append(ByteVector& out, const T& value) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(&value);
    out.insert(out.end(), bytes, bytes + sizeof value);
}

} // namespace

LibraryCache read_library_cache(ByteSpan bytes) {
    LibraryCache cache;
    const ByteSpan table = current_part(bytes);
    vocabulary::ByteReader reader(table.data(), table.size());
    Header header{};
    if (!reader.read(header) || std::string_view(header.magic, sizeof header.magic) != k_magic ||
        (header.flags & 3) == 3)
        return cache;
    for (std::uint32_t i = 0; i < header.count; ++i) {
        Entry entry{};
        if (!reader.read(entry))
            return {};
        if (entry.flags != k_x86_64 || entry.capabilities[0] != 0 || entry.capabilities[1] != 0)
            continue;
        auto name = text_at(table, entry.name);
        auto path = text_at(table, entry.path);
        if (!name || !path)
            return {};
        cache.try_emplace(std::move(*name), std::move(*path));
    }
    return cache;
}

ByteVector write_library_cache(const LibraryCache& cache) {
    std::vector<std::pair<std::string, std::string>> sorted(cache.begin(), cache.end());
    std::sort(sorted.begin(), sorted.end(),
              [](const auto& a, const auto& b) { return compare(a.first, b.first) > 0; });
    Header header{};
    std::copy(k_magic.begin(), k_magic.end(), header.magic);
    header.count = static_cast<std::uint32_t>(sorted.size());
    header.flags = k_little_endian;
    ByteVector strings;
    ByteVector entries;
    const std::size_t start = sizeof(Header) + sorted.size() * sizeof(Entry);
    const auto offset_of = [&](const std::string& text) {
        const auto offset = static_cast<std::uint32_t>(start + strings.size());
        strings.insert(strings.end(), text.begin(), text.end());
        strings.push_back(0);
        return offset;
    };
    for (const auto& [name, path] : sorted) {
        Entry entry{};
        entry.flags = k_x86_64;
        entry.name = offset_of(name);
        entry.path = offset_of(path);
        append(entries, entry);
    }
    header.strings_size = static_cast<std::uint32_t>(strings.size());
    ByteVector out;
    append(out, header);
    out.insert(out.end(), entries.begin(), entries.end());
    out.insert(out.end(), strings.begin(), strings.end());
    return out;
}

} // namespace unik::toolchain
