// A PE image whose layout in memory is that of the file. What firmware asks for beyond the format:
// sections without gaps, in ascending order, aligned to pages, none both writable and executable
// (EDK II's image protection refuses others), and a file without bytes that no section or header
// covers, since Authenticode hashes those differently from tool to tool. Relocations are none: the
// code that runs before the kernel has its own page tables does not depend on its address. No time
// stamp and no versions, so the same kernel gives the same bytes.
#include <efi/pe_headers.hpp>

#include <algorithm>
#include <cstring>

#include <efi/pe_layout.hpp>
#include <elf/layout.hpp>
#include <vocabulary/kernel_file_layout.hpp>

namespace unik::efi {
namespace {

using vocabulary::k_kernel_file_image;
using vocabulary::k_pe_limit;
using vocabulary::k_pe_offset;

constexpr std::uint32_t k_page = 4096;
constexpr std::size_t k_optional_offset = k_pe_offset + sizeof(CoffHeader);
constexpr std::size_t k_sections_offset = k_optional_offset + sizeof(OptionalHeader);
constexpr std::size_t k_checksum_offset = k_optional_offset + offsetof(OptionalHeader, checksum);

struct Kind {
    std::uint32_t rights;
    const char* name;
    std::uint32_t flags;
};
constexpr Kind k_kinds[] = {
    {elf::k_flag_read | elf::k_flag_execute, ".text",
     k_section_code | k_section_execute | k_section_read},
    {elf::k_flag_read | elf::k_flag_write, ".data",
     k_section_data | k_section_read | k_section_write},
    {elf::k_flag_read, ".rodata", k_section_data | k_section_read},
};

const Kind& kind_of(const Run& run) {
    for (const Kind& kind : k_kinds)
        if (kind.rights == run.rights)
            return kind;
    return k_kinds[std::size(k_kinds) - 1];
}

template <typename T>
void place(ByteVector& file, std::size_t offset, const T& value) {
    std::memcpy(file.data() + offset, &value, sizeof value);
}

std::uint32_t bytes_in_file(const Run& run, std::size_t file_size) {
    const std::uint64_t end = std::min<std::uint64_t>(run.end, file_size);
    return end > run.start ? static_cast<std::uint32_t>(end - run.start) : 0;
}

SectionEntry section_entry(const Run& run, std::size_t file_size) {
    SectionEntry entry;
    const Kind& kind = kind_of(run);
    std::memcpy(entry.name, kind.name, std::strlen(kind.name));
    entry.memory_size = run.end - run.start;
    entry.address = run.start;
    entry.file_size = bytes_in_file(run, file_size);
    entry.file_offset = entry.file_size > 0 ? run.start : 0;
    entry.flags = kind.flags;
    return entry;
}

OptionalHeader optional_header(const std::vector<Run>& runs, std::uint32_t entry,
                               std::size_t file_size) {
    OptionalHeader header;
    header.magic = k_magic_64_bit;
    for (const Run& run : runs) {
        const bool code = (run.rights & elf::k_flag_execute) != 0;
        Le32& size = code ? header.code_size : header.initialized_size;
        size = size + bytes_in_file(run, file_size);
        if (code && header.code_start == 0)
            header.code_start = run.start;
    }
    header.entry = entry;
    header.section_alignment = k_page;
    header.file_alignment = k_file_alignment;
    header.image_size = runs.back().end;
    header.headers_size = static_cast<std::uint32_t>(k_kernel_file_image);
    header.subsystem = k_subsystem_efi_application;
    header.dll_flags = k_dll_flags;
    header.directory_count = k_directory_count;
    return header;
}

// The checksum's own place counts as zeros, which it is here. 16-bit words are added with the carry
// put back in; then the file's size is added.
std::uint32_t checksum(ByteSpan file) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i + 1 < file.size(); i += 2) {
        sum += static_cast<std::uint32_t>(file[i] | file[i + 1] << 8);
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return sum + static_cast<std::uint32_t>(file.size());
}

} // namespace

std::size_t most_runs() {
    return (k_pe_limit - k_sections_offset) / sizeof(SectionEntry);
}

void write_pe_headers(ByteVector& file, const std::vector<Run>& runs, std::uint32_t entry) {
    file[0] = 'M';
    file[1] = 'Z';
    place(file, k_pe_pointer_offset, Le32{static_cast<std::uint32_t>(k_pe_offset)});
    CoffHeader coff;
    coff.machine = k_machine_amd64;
    coff.section_count = static_cast<std::uint16_t>(runs.size());
    coff.optional_header_size = static_cast<std::uint16_t>(sizeof(OptionalHeader));
    coff.flags = k_file_flags;
    place(file, k_pe_offset, coff);
    place(file, k_optional_offset, optional_header(runs, entry, file.size()));
    for (std::size_t i = 0; i < runs.size(); ++i)
        place(file, k_sections_offset + i * sizeof(SectionEntry),
              section_entry(runs[i], file.size()));
    place(file, k_checksum_offset, Le32{checksum(file)});
}

} // namespace unik::efi
