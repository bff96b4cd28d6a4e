// Reading is in two steps: the headers are copied out of the file into plain structures whose sizes
// are asserted here, then each is checked against the file's size before anybody uses it. Nothing
// keeps a pointer into the file but ElfFile::content(), whose ranges were checked by parse().
//
// Layouts: System V ABI, chapter 4 ("Object Files"), figures 4-3, 4-8, 4-16, 5-1.
#include <elf/elf_file.hpp>

#include <algorithm>
#include <cstring>
#include <optional>

#include <elf/layout.hpp>
#include <fmt/format.h>
#include <vocabulary/byte_reader.hpp>

namespace unik::elf {
namespace {

constexpr std::uint32_t k_most_segments = 256;
constexpr std::uint32_t k_most_sections = 65279; // SHN_LORESERVE - 1
constexpr std::uint64_t k_most_path = 4096;

Error corrupt(const std::string& name, const std::string& what) {
    return make_error("corrupt-elf", fmt::format("'{}' is a damaged ELF file: {}", name, what),
                      "build or copy the file again; 'readelf -a' shows its headers");
}

bool fits(std::uint64_t offset, std::uint64_t size, std::uint64_t limit) {
    return offset <= limit && size <= limit - offset;
}

// count entries of entry_size bytes at offset, the first bytes of each being a T.
template <typename T>
std::optional<std::vector<T>> read_table(ByteSpan file, std::uint64_t offset, std::uint64_t count,
                                         std::uint64_t entry_size) {
    if (entry_size < sizeof(T) || !fits(offset, 0, file.size()) ||
        count > (file.size() - offset) / entry_size)
        return std::nullopt;
    std::vector<T> table(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < table.size(); ++i)
        std::memcpy(&table[i], file.data() + offset + i * entry_size, sizeof(T));
    return table;
}

// The NUL-terminated string at offset of a string table.
std::optional<std::string> string_at(ByteSpan table, std::uint64_t offset) {
    if (offset >= table.size())
        return std::nullopt;
    const ByteSpan rest = table.subspan(static_cast<std::size_t>(offset));
    const auto end = std::find(rest.begin(), rest.end(), std::uint8_t{0});
    if (end == rest.end())
        return std::nullopt;
    return std::string(rest.begin(), end);
}

Result<void> check_identification(const FileHeader& header, const std::string& name) {
    if (header.identification[4] != k_class_64)
        return make_error("foreign-architecture",
                          fmt::format("'{}' is a 32-bit ELF file; expected 64-bit x86-64", name),
                          "build the program for x86-64");
    if (header.identification[5] != k_little_endian)
        return make_error("foreign-architecture",
                          fmt::format("'{}' is a big-endian ELF file; expected x86-64", name),
                          "build the program for x86-64");
    if (header.identification[6] != k_version_current || header.version != k_version_current)
        return corrupt(name, "its version is not 1");
    return {};
}

Result<Segment> to_segment(const ProgramHeader& raw, std::size_t index, std::uint64_t file_size,
                           const std::string& name) {
    if (!fits(raw.offset, raw.file_size, file_size))
        return corrupt(name, fmt::format("segment {} lies at {:#x}+{:#x}, past the file's end "
                                         "{:#x}",
                                         index, raw.offset, raw.file_size, file_size));
    if (raw.type == k_segment_load) {
        if (raw.file_size > raw.memory_size)
            return corrupt(name,
                           fmt::format("segment {} is larger in the file than in memory", index));
        if (raw.address + raw.memory_size < raw.address)
            return corrupt(name, fmt::format("segment {} wraps around the address space", index));
    }
    if ((raw.alignment & (raw.alignment - 1)) != 0 && raw.alignment != 0)
        return corrupt(name, fmt::format("segment {} has alignment {:#x}, no power of two", index,
                                         raw.alignment));
    return Segment{raw.type,      raw.flags,       raw.offset,   raw.address, raw.physical_address,
                   raw.file_size, raw.memory_size, raw.alignment};
}

Result<std::vector<Segment>> read_segments(ByteSpan file, const FileHeader& header,
                                           const std::string& name) {
    std::vector<Segment> segments;
    if (header.program_header_count == 0)
        return segments;
    if (header.program_header_count > k_most_segments)
        return corrupt(name, fmt::format("{} program headers, more than the {} that make sense",
                                         header.program_header_count, k_most_segments));
    const auto table =
        read_table<ProgramHeader>(file, header.program_header_offset, header.program_header_count,
                                  header.program_header_size);
    if (!table)
        return corrupt(name, "the program headers do not lie inside the file");
    for (const ProgramHeader& raw : *table)
        segments.push_back(UNIK_TRY(to_segment(raw, segments.size(), file.size(), name)));
    return segments;
}

Result<std::vector<Section>> read_sections(ByteSpan file, const FileHeader& header,
                                           const std::string& name) {
    std::vector<Section> sections;
    if (header.section_header_offset == 0 || header.section_header_count == 0)
        return sections;
    if (header.section_header_count > k_most_sections)
        return corrupt(name, "too many section headers");
    const auto table =
        read_table<SectionHeader>(file, header.section_header_offset, header.section_header_count,
                                  header.section_header_size);
    if (!table)
        return corrupt(name, "the section headers do not lie inside the file");
    for (const SectionHeader& raw : *table) {
        if (raw.type != k_section_nobits && raw.type != k_section_null &&
            !fits(raw.offset, raw.size, file.size()))
            return corrupt(name,
                           fmt::format("section {} lies past the file's end", sections.size()));
        sections.push_back(
            {{}, raw.type, raw.flags, raw.address, raw.offset, raw.size, raw.link, raw.entry_size});
    }
    if (header.section_name_index == 0)
        return sections;
    if (header.section_name_index >= sections.size() ||
        sections[header.section_name_index].type != k_section_string_table)
        return corrupt(name, "the section names' table does not exist");
    const Section& names = sections[header.section_name_index];
    const ByteSpan strings = file.subspan(names.offset, names.size);
    for (std::size_t i = 0; i < sections.size(); ++i) {
        auto text = string_at(strings, (*table)[i].name);
        if (!text)
            return corrupt(name, fmt::format("the name of section {} does not exist", i));
        sections[i].name = std::move(*text);
    }
    return sections;
}

// .symtab without its null entry, section and file symbols, and nameless ones.
Result<std::vector<Symbol>> read_symbols(ByteSpan file, const std::vector<Section>& sections,
                                         const std::string& name) {
    std::vector<Symbol> symbols;
    const auto table = std::find_if(sections.begin(), sections.end(), [](const Section& section) {
        return section.type == k_section_symbol_table;
    });
    if (table == sections.end())
        return symbols;
    if (table->link >= sections.size() || sections[table->link].type != k_section_string_table)
        return corrupt(name, "the symbols' string table does not exist");
    if (table->entry_size < sizeof(SymbolEntry))
        return corrupt(name, "its symbols are too small");
    const auto entries = read_table<SymbolEntry>(
        file, table->offset, table->size / table->entry_size, table->entry_size);
    if (!entries)
        return corrupt(name, "the symbols do not lie inside the file");
    const Section& names = sections[table->link];
    const ByteSpan strings = file.subspan(names.offset, names.size);
    for (const SymbolEntry& raw : *entries) {
        const auto type = static_cast<std::uint8_t>(raw.info & 0xf);
        if (raw.name == 0 || type == k_symbol_section || type == k_symbol_file)
            continue;
        auto text = string_at(strings, raw.name);
        if (!text)
            return corrupt(name, "the name of a symbol does not exist");
        symbols.push_back({std::move(*text), raw.value, raw.size, type,
                           static_cast<std::uint8_t>(raw.info >> 4), raw.section});
    }
    std::stable_sort(symbols.begin(), symbols.end(),
                     [](const Symbol& a, const Symbol& b) { return a.address < b.address; });
    return symbols;
}

Result<std::string> read_interpreter(ByteSpan file, const std::vector<Segment>& segments,
                                     const std::string& name) {
    for (const Segment& segment : segments) {
        if (segment.type != k_segment_interpreter)
            continue;
        if (segment.file_size > k_most_path)
            return corrupt(name, "the path of its interpreter is too long");
        auto text = string_at(file.subspan(segment.offset, segment.file_size), 0);
        if (!text || text->empty())
            return corrupt(name, "the path of its interpreter does not end");
        return std::move(*text);
    }
    return std::string();
}

} // namespace

Result<ElfFile> ElfFile::parse(ByteVector bytes, std::string name) {
    vocabulary::ByteReader reader(bytes.data(), bytes.size());
    FileHeader header{};
    if (bytes.size() < 4 || std::memcmp(bytes.data(), k_magic, sizeof(k_magic)) != 0)
        return make_error("not-an-elf", fmt::format("'{}' is not an ELF file", name));
    if (!reader.read(header))
        return corrupt(name,
                       fmt::format("it ends after {} bytes, inside the ELF header", bytes.size()));
    UNIK_TRY(check_identification(header, name));
    ElfFile file;
    file.type_ = static_cast<FileType>(header.type);
    file.machine_ = header.machine;
    file.entry_ = header.entry;
    file.program_header_offset_ = header.program_header_offset;
    file.segments_ = UNIK_TRY(read_segments(bytes, header, name));
    file.sections_ = UNIK_TRY(read_sections(bytes, header, name));
    file.symbols_ = UNIK_TRY(read_symbols(bytes, file.sections_, name));
    file.interpreter_ = UNIK_TRY(read_interpreter(bytes, file.segments_, name));
    file.name_ = std::move(name);
    file.bytes_ = std::move(bytes);
    return file;
}

ByteSpan ElfFile::content(const Segment& segment) const {
    if (!fits(segment.offset, segment.file_size, bytes_.size()))
        return {};
    return ByteSpan(bytes_).subspan(segment.offset, segment.file_size);
}

ByteSpan ElfFile::content(const Section& section) const {
    if (section.type == k_section_nobits || section.type == k_section_null ||
        !fits(section.offset, section.size, bytes_.size()))
        return {};
    return ByteSpan(bytes_).subspan(section.offset, section.size);
}

ByteSpan ElfFile::content_at(std::uint64_t address) const {
    for (const Segment& segment : segments_) {
        if (segment.type == k_segment_load && address >= segment.address &&
            address - segment.address < segment.file_size)
            return content(segment).subspan(address - segment.address);
    }
    return {};
}

const Section* ElfFile::find_section(std::string_view name) const {
    const auto found = std::find_if(sections_.begin(), sections_.end(),
                                    [&](const Section& section) { return section.name == name; });
    return found == sections_.end() ? nullptr : &*found;
}

} // namespace unik::elf
