#include <elf/object_writer.hpp>

#include <algorithm>
#include <cassert>
#include <cstring>

#include <elf/layout.hpp>

namespace unik::elf {
namespace {

class StringTable {
public:
    std::uint32_t add(const std::string& text) {
        const auto offset = static_cast<std::uint32_t>(bytes_.size());
        bytes_.insert(bytes_.end(), text.begin(), text.end());
        bytes_.push_back(0);
        return offset;
    }
    const ByteVector& bytes() const { return bytes_; }

private:
    ByteVector bytes_{0};
};

template <typename T>
void append(ByteVector& out, const T& value) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(&value);
    out.insert(out.end(), bytes, bytes + sizeof(T));
}

void pad(ByteVector& out, std::uint64_t alignment) {
    while (out.size() % alignment != 0)
        out.push_back(0);
}

SymbolEntry to_entry(const DataSymbol& symbol, StringTable& strings) {
    SymbolEntry entry{};
    entry.name = strings.add(symbol.name);
    const std::uint8_t binding =
        symbol.binding == Binding::local ? k_binding_local : k_binding_global;
    entry.info = static_cast<std::uint8_t>(binding << 4 | symbol.type);
    entry.section = symbol.section == DataSymbol::absolute
                        ? k_section_index_absolute
                        : static_cast<std::uint16_t>(symbol.section + 1);
    entry.value = symbol.value;
    entry.size = symbol.size;
    return entry;
}

// Local symbols come first, as the format asks; returns their number, the null entry included.
std::uint32_t write_symbols(const std::vector<DataSymbol>& symbols, ByteVector& table,
                            StringTable& strings) {
    append(table, SymbolEntry{});
    std::uint32_t locals = 1;
    for (const Binding wanted : {Binding::local, Binding::global}) {
        for (const DataSymbol& symbol : symbols) {
            if (symbol.binding != wanted)
                continue;
            append(table, to_entry(symbol, strings));
            locals += wanted == Binding::local ? 1 : 0;
        }
    }
    return locals;
}

// Lays sections one after the other behind the ELF header.
class ObjectFile {
public:
    ObjectFile() : bytes_(sizeof(FileHeader)), headers_(1), own_name_(names_.add(".shstrtab")) {}

    void add(const std::string& name, ByteSpan content, SectionHeader header) {
        header.name = names_.add(name);
        place(content, header);
    }

    std::uint32_t next_index() const { return static_cast<std::uint32_t>(headers_.size()); }

    ByteVector finish() {
        SectionHeader names{};
        names.name = own_name_;
        names.type = k_section_string_table;
        place(names_.bytes(), names);
        pad(bytes_, alignof(SectionHeader));
        const FileHeader header = file_header();
        for (const SectionHeader& section : headers_)
            append(bytes_, section);
        std::memcpy(bytes_.data(), &header, sizeof(header));
        return std::move(bytes_);
    }

private:
    void place(ByteSpan content, SectionHeader header) {
        header.alignment = std::max<std::uint64_t>(header.alignment, 1);
        pad(bytes_, header.alignment);
        header.offset = bytes_.size();
        header.size = content.size();
        bytes_.insert(bytes_.end(), content.begin(), content.end());
        headers_.push_back(header);
    }

    FileHeader file_header() const {
        FileHeader header{};
        std::memcpy(header.identification, k_magic, sizeof(k_magic));
        header.identification[4] = k_class_64;
        header.identification[5] = k_little_endian;
        header.identification[6] = k_version_current;
        header.type = 1; // ET_REL
        header.machine = k_machine_x86_64;
        header.version = k_version_current;
        header.section_header_offset = bytes_.size();
        header.header_size = sizeof(FileHeader);
        header.section_header_size = sizeof(SectionHeader);
        header.section_header_count = static_cast<std::uint16_t>(headers_.size());
        header.section_name_index = static_cast<std::uint16_t>(headers_.size() - 1);
        return header;
    }

    ByteVector bytes_;
    std::vector<SectionHeader> headers_;
    StringTable names_;
    std::uint32_t own_name_;
};

} // namespace

ByteVector write_object(const ObjectContent& content) {
    assert(content.sections.size() < 1024);
    ObjectFile file;
    for (const DataSection& section : content.sections) {
        SectionHeader header{};
        header.type = k_section_data;
        header.flags =
            k_section_allocated | (section.access == Access::writable ? k_section_writable : 0);
        header.alignment = section.alignment;
        file.add(section.name, section.bytes, header);
    }
    SectionHeader stack_note{};
    stack_note.type = k_section_data;
    file.add(".note.GNU-stack", {}, stack_note);

    ByteVector symbols;
    StringTable strings;
    SectionHeader table{};
    table.type = k_section_symbol_table;
    table.info = write_symbols(content.symbols, symbols, strings);
    table.alignment = alignof(SymbolEntry);
    table.entry_size = sizeof(SymbolEntry);
    table.link = file.next_index() + 1;
    file.add(".symtab", symbols, table);
    SectionHeader text{};
    text.type = k_section_string_table;
    file.add(".strtab", strings.bytes(), text);
    return file.finish();
}

} // namespace unik::elf
