#include <elf/notes.hpp>

#include <elf/layout.hpp>
#include <vocabulary/byte_reader.hpp>
#include <vocabulary/endian.hpp>

namespace unik::elf {
namespace {

struct NoteHeader {
    vocabulary::Le32 name_size; // with its NUL
    vocabulary::Le32 content_size;
    vocabulary::Le32 type;
};

// Entries are padded to 4 bytes, in 64-bit files too, as all tools write them.
constexpr std::size_t padded(std::uint32_t size) {
    return (static_cast<std::size_t>(size) + 3) & ~std::size_t{3};
}

std::optional<ByteSpan> find_in(ByteSpan notes, std::string_view owner, std::uint32_t type) {
    vocabulary::ByteReader reader(notes.data(), notes.size());
    NoteHeader header;
    while (reader.read(header)) {
        const auto* name = reinterpret_cast<const char*>(reader.take(padded(header.name_size)));
        const std::uint8_t* content = reader.take(padded(header.content_size));
        if (name == nullptr || content == nullptr)
            return std::nullopt;
        if (header.type == type && header.name_size == owner.size() + 1 &&
            std::string_view(name, owner.size()) == owner && name[owner.size()] == '\0')
            return ByteSpan(content, header.content_size);
    }
    return std::nullopt;
}

} // namespace

std::optional<ByteSpan> find_note(const ElfFile& file, std::string_view owner, std::uint32_t type) {
    for (const Segment& segment : file.segments()) {
        if (segment.type != k_segment_note)
            continue;
        if (const auto content = find_in(file.content(segment), owner, type))
            return content;
    }
    return std::nullopt;
}

} // namespace unik::elf
