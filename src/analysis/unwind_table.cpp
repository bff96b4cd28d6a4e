// .eh_frame is a sequence of records: a CIE gives the encoding of the pointers of the FDEs that
// refer back to it; each FDE covers one function. Linux Standard Base, core, "Exception Frames";
// pointer encodings DW_EH_PE_* from the same text.
#include <analysis/unwind_table.hpp>

#include <map>
#include <optional>

#include <elf/layout.hpp>
#include <vocabulary/byte_reader.hpp>

namespace unik::analysis {
namespace {

using vocabulary::ByteReader;

constexpr std::uint8_t k_relative_to_itself = 0x10;
constexpr std::uint32_t k_most_records = 1 << 20;

struct FrameTable {
    ByteSpan bytes;
    std::uint64_t address = 0;
};

std::optional<std::uint64_t> read_uleb(ByteReader& reader) {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 63; shift += 7) {
        std::uint8_t byte = 0;
        if (!reader.read(byte))
            return std::nullopt;
        value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0)
            return value;
    }
    return std::nullopt;
}

template <typename T>
std::optional<std::uint64_t> read_number(ByteReader& reader) {
    T value{};
    if (!reader.read(value))
        return std::nullopt;
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(value));
}

// The low half of an encoding says how wide a number is.
std::optional<std::uint64_t> read_encoded(ByteReader& reader, std::uint8_t encoding) {
    switch (encoding & 0x0f) {
    case 0x00:
    case 0x04:
    case 0x0c: return read_number<std::int64_t>(reader);
    case 0x02: return read_number<std::uint16_t>(reader);
    case 0x03: return read_number<std::uint32_t>(reader);
    case 0x0a: return read_number<std::int16_t>(reader);
    case 0x0b: return read_number<std::int32_t>(reader);
    default: return std::nullopt;
    }
}

// What a CIE says of its FDEs.
struct FrameKind {
    std::uint8_t encoding = 0; // of code pointers
    bool signal_frame = false;
};

// reader stands behind the CIE's id.
std::optional<FrameKind> read_kind(ByteReader reader) {
    std::uint8_t version = 0;
    if (!reader.read(version))
        return std::nullopt;
    std::string augmentation;
    for (std::uint8_t c = 1; c != 0;) {
        if (!reader.read(c) || augmentation.size() > 16)
            return std::nullopt;
        if (c != 0)
            augmentation += static_cast<char>(c);
    }
    FrameKind kind;
    kind.signal_frame = augmentation.find('S') != std::string::npos;
    if (augmentation.empty() || augmentation[0] != 'z')
        return kind;
    std::uint8_t return_register = 0;
    if (!read_uleb(reader) || !read_uleb(reader) ||
        !(version == 1 ? reader.read(return_register) : read_uleb(reader).has_value()) ||
        !read_uleb(reader))
        return std::nullopt;
    for (const char c : augmentation.substr(1)) {
        std::uint8_t encoding = 0;
        if ((c == 'R' || c == 'L' || c == 'P') && !reader.read(encoding))
            return std::nullopt;
        if (c == 'R')
            kind.encoding = encoding;
        if (c == 'P' && !read_encoded(reader, encoding))
            return std::nullopt;
    }
    return kind;
}

std::optional<FunctionRange> read_range(const FrameTable& table, ByteReader& reader,
                                        FrameKind kind) {
    const std::uint8_t encoding = kind.encoding;
    const std::uint64_t here = table.address + reader.position();
    const auto start = read_encoded(reader, encoding);
    const auto size = read_encoded(reader, encoding & 0x0f);
    if (!start || !size)
        return std::nullopt;
    FunctionRange range{(encoding & 0x70) == k_relative_to_itself ? *start + here : *start, *size};
    // The C library's return from a signal handler is described from one byte before it, since
    // unwinders look up the byte before a return address.
    if (kind.signal_frame && range.size > 0) {
        ++range.start;
        --range.size;
    }
    return range;
}

// Where the table is: a section, or found through the index that PT_GNU_EH_FRAME points to.
FrameTable find_table(const elf::ElfFile& file) {
    if (const elf::Section* section = file.find_section(".eh_frame"))
        return {file.content(*section), section->address};
    for (const elf::Segment& segment : file.segments()) {
        if (segment.type != elf::k_segment_unwind_index)
            continue;
        const ByteSpan index = file.content(segment);
        ByteReader reader(index.data(), index.size());
        std::uint8_t encoding = 0;
        if (!reader.seek(1) || !reader.read(encoding) || !reader.seek(4))
            continue;
        const auto offset = read_encoded(reader, encoding);
        if (!offset)
            continue;
        const std::uint64_t base =
            (encoding & 0x70) == k_relative_to_itself ? segment.address + 4 : 0;
        return {file.content_at(base + *offset), base + *offset};
    }
    return {};
}

} // namespace

std::vector<FunctionRange> unwind_ranges(const elf::ElfFile& file) {
    std::vector<FunctionRange> ranges;
    const FrameTable table = find_table(file);
    std::map<std::uint64_t, FrameKind> kinds; // of each CIE, by its position
    ByteReader reader(table.bytes.data(), table.bytes.size());
    for (std::uint32_t i = 0; i < k_most_records; ++i) {
        const std::uint64_t start = reader.position();
        std::uint32_t length = 0;
        std::uint32_t id = 0;
        if (!reader.read(length) || length < sizeof(id) || length > reader.remaining())
            break;
        const std::uint64_t end = reader.position() + length;
        reader.read(id);
        if (id == 0) {
            if (const auto kind = read_kind(reader))
                kinds[start] = *kind;
        } else if (const auto found = kinds.find(start + sizeof(length) - id);
                   found != kinds.end()) {
            const auto range = read_range(table, reader, found->second);
            if (range && range->start != 0)
                ranges.push_back(*range);
        }
        reader.seek(end);
    }
    return ranges;
}

} // namespace unik::analysis
