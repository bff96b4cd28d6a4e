#include <elf/dynamic_section.hpp>

#include <algorithm>
#include <cstring>
#include <optional>

#include <elf/layout.hpp>
#include <fmt/format.h>

namespace unik::elf {
namespace {

constexpr std::size_t k_most_entries = 4096;

std::vector<DynamicEntry> read_entries(const ElfFile& file) {
    std::vector<DynamicEntry> entries;
    for (const Segment& segment : file.segments()) {
        if (segment.type != k_segment_dynamic)
            continue;
        const ByteSpan bytes = file.content(segment);
        for (std::size_t at = 0;
             at + sizeof(DynamicEntry) <= bytes.size() && entries.size() < k_most_entries;
             at += sizeof(DynamicEntry)) {
            DynamicEntry entry{};
            std::memcpy(&entry, bytes.data() + at, sizeof entry);
            if (entry.tag == k_dynamic_null)
                return entries;
            entries.push_back(entry);
        }
        break;
    }
    return entries;
}

std::optional<std::string> text_at(ByteSpan strings, std::uint64_t offset) {
    if (offset >= strings.size())
        return std::nullopt;
    const ByteSpan rest = strings.subspan(static_cast<std::size_t>(offset));
    const auto end = std::find(rest.begin(), rest.end(), std::uint8_t{0});
    if (end == rest.end())
        return std::nullopt;
    return std::string(rest.begin(), end);
}

} // namespace

Result<DynamicSection> read_dynamic_section(const ElfFile& file) {
    DynamicSection section;
    const std::vector<DynamicEntry> entries = read_entries(file);
    ByteSpan strings;
    for (const DynamicEntry& entry : entries)
        if (entry.tag == k_dynamic_string_table)
            strings = file.content_at(entry.value);
    for (const DynamicEntry& entry : entries) {
        section.no_default_folders |=
            entry.tag == k_dynamic_flags_1 && (entry.value & k_no_default_folders) != 0;
        const bool names = entry.tag == k_dynamic_needed || entry.tag == k_dynamic_soname ||
                           entry.tag == k_dynamic_rpath || entry.tag == k_dynamic_runpath;
        if (!names)
            continue;
        auto text = text_at(strings, entry.value);
        if (!text)
            return make_error("corrupt-elf",
                              fmt::format("'{}' is a damaged ELF file: a name in its dynamic "
                                          "section does not lie inside the file",
                                          file.name()),
                              "build or copy the file again; 'readelf -d' shows the section");
        switch (entry.tag) {
        case k_dynamic_soname: section.soname = std::move(*text); break;
        case k_dynamic_rpath: section.rpath = std::move(*text); break;
        case k_dynamic_runpath: section.runpath = std::move(*text); break;
        default: section.needed.push_back(std::move(*text));
        }
    }
    return section;
}

} // namespace unik::elf
