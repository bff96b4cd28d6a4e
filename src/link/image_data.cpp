#include <link/image_data.hpp>

#include <algorithm>

#include <elf/layout.hpp>
#include <elf/object_writer.hpp>
#include <fmt/format.h>
#include <vocabulary/image_layout.hpp>

namespace unik::link {
namespace {

// Names of the application's functions for crash reports, see README.md.
std::vector<elf::DataSymbol> application_symbols(const elf::ElfFile& executable) {
    const bool relative = executable.type() == elf::FileType::shared;
    std::vector<elf::DataSymbol> symbols;
    for (const elf::Symbol& symbol : executable.symbols()) {
        const bool function =
            symbol.type == elf::k_symbol_function || symbol.type == elf::k_symbol_indirect_function;
        if (!function || symbol.section == elf::k_section_index_undefined)
            continue;
        symbols.push_back({relative ? "pie:" + symbol.name : symbol.name, elf::DataSymbol::absolute,
                           symbol.address, symbol.size, elf::k_symbol_function,
                           elf::Binding::local});
    }
    return symbols;
}

void add_record(ByteVector& out, const std::string& record) {
    out.insert(out.end(), record.begin(), record.end());
    out.push_back(0);
}

ByteSpan embedded_root(const rootfs::RootFs& root) {
    return root.place == vocabulary::RootPlace::embedded ? root.bytes() : ByteSpan();
}

} // namespace

std::uint64_t StringPool::offset_of(const std::string& text) {
    const auto [entry, added] = offsets_.emplace(text, bytes_.size());
    if (added)
        add_record(bytes_, text);
    return entry->second;
}

ByteVector configuration_records(const unikfile::Manifest& manifest) {
    ByteVector records;
    add_record(records, "arg=" + manifest.entrypoint);
    for (const std::string& argument : manifest.fixed_args)
        add_record(records, "fixed=" + argument);
    for (const std::string& argument : manifest.args)
        add_record(records, "arg=" + argument);
    for (const auto& [name, value] : manifest.environment)
        add_record(records, fmt::format("env={}={}", name, value));
    if (!manifest.name.empty())
        add_record(records, "hostname=" + manifest.name);
    if (!manifest.directory_in_image.empty())
        add_record(records, "directory=" + manifest.directory_in_image);
    for (const auto& [path, size] : manifest.tmpfs)
        add_record(records, fmt::format("tmpfs={},{}", path, size.value));
    return records;
}

SyscallNames syscall_names(const components::Selection& selection) {
    SyscallNames names;
    const auto append = [&names](std::string_view text) {
        names.bytes.insert(names.bytes.end(), text.begin(), text.end());
        names.bytes.push_back(0);
    };
    std::map<std::string, std::uint8_t> numbers; // of the components
    for (const auto& [call, component] : selection.providers)
        if (numbers.size() < UINT8_MAX && !numbers.contains(component)) {
            append(component);
            numbers.emplace(component, static_cast<std::uint8_t>(numbers.size() + 1));
        }
    names.provider_count = static_cast<std::uint32_t>(numbers.size());
    for (std::uint32_t number = 0; number < vocabulary::k_syscall_slots; ++number)
        if (!analysis::syscall_name(number).empty())
            names.name_count = number + 1;
    for (std::uint32_t number = 0; number < names.name_count; ++number) {
        const std::string name(analysis::syscall_name(number));
        const auto provider = selection.providers.find(name);
        const auto known =
            provider == selection.providers.end() ? numbers.end() : numbers.find(provider->second);
        names.bytes.push_back(known == numbers.end() ? std::uint8_t{0} : known->second);
        append(name);
    }
    return names;
}

std::vector<elf::Segment> loaded_segments(const elf::ElfFile& executable) {
    std::vector<elf::Segment> loaded;
    if (executable.has_interpreter())
        return loaded;
    for (const elf::Segment& segment : executable.segments())
        if (segment.type == elf::k_segment_load && segment.memory_size > 0)
            loaded.push_back(segment);
    std::sort(loaded.begin(), loaded.end(),
              [](const elf::Segment& a, const elf::Segment& b) { return a.address < b.address; });
    return loaded;
}

std::uint64_t program_header_address(const elf::ElfFile& executable) {
    const std::uint64_t offset = executable.program_header_offset();
    const std::uint64_t size = executable.segments().size() * sizeof(elf::ProgramHeader);
    for (const elf::Segment& segment : loaded_segments(executable))
        if (offset >= segment.offset && size <= segment.file_size &&
            offset - segment.offset <= segment.file_size - size)
            return segment.address + (offset - segment.offset);
    return 0;
}

ByteVector make_data_object(const LinkInput& input, const StringPool& strings,
                            const ByteVector& configuration) {
    elf::ObjectContent content;
    const SyscallNames names = syscall_names(*input.selection);
    content.sections = {
        {k_syscall_names_section, names.bytes, 1, elf::Access::read_only},
        {k_strings_section, strings.bytes(), 1, elf::Access::read_only},
        {k_configuration_section, configuration, 1, elf::Access::read_only},
        {k_root_section, embedded_root(*input.rootfs), 1, elf::Access::read_only},
    };
    std::size_t index = 0;
    for (const elf::Segment& segment : loaded_segments(*input.executable)) {
        const bool writable = (segment.flags & elf::k_flag_write) != 0;
        content.sections.push_back({fmt::format("{}{}", k_segment_section, index++),
                                    input.executable->content(segment), 1,
                                    writable ? elf::Access::writable : elf::Access::read_only});
    }
    content.symbols = application_symbols(*input.executable);
    return elf::write_object(content);
}

} // namespace unik::link
