#include "elf_headers.hpp"

#include <foundation/types.hpp>

namespace os::elf_loader {

namespace {

constexpr std::uint8_t k_identification[] = {0x7f, 'E', 'L', 'F', 2, 1, 1}; // 64-bit, little-endian
constexpr std::uint16_t k_executable = 2;                                   // ET_*
constexpr std::uint16_t k_shared = 3;
constexpr std::uint16_t k_machine = 62; // EM_X86_64
constexpr std::uint32_t k_load = 1;     // PT_*
constexpr std::uint32_t k_interpreter = 3;
constexpr std::uint32_t k_execute = 1; // PF_X
constexpr std::uint64_t k_program_space = 1ULL << 47;
constexpr std::uint64_t k_most_alignment = 1ULL << 30;

constexpr Problem k_truncated = "shorter than its headers say: expected a whole ELF file";

struct RawFileHeader {
    std::uint8_t identification[16];
    std::uint16_t type;
    std::uint16_t machine;
    std::uint32_t version;
    std::uint64_t entry;
    std::uint64_t program_headers;
    std::uint64_t section_headers;
    std::uint32_t flags;
    std::uint16_t header_size;
    std::uint16_t program_header_size;
    std::uint16_t program_header_count;
    std::uint16_t section_fields[3];
};
static_assert(sizeof(RawFileHeader) == k_file_header_size);

struct RawProgramHeader {
    std::uint32_t type;
    std::uint32_t flags;
    std::uint64_t offset;
    std::uint64_t address;
    std::uint64_t physical_address;
    std::uint64_t file_size;
    std::uint64_t memory_size;
    std::uint64_t alignment;
};
static_assert(sizeof(RawProgramHeader) == k_program_header_size);

bool fits(std::uint64_t offset, std::uint64_t size, std::uint64_t limit) {
    return offset <= limit && size <= limit - offset;
}

Problem add_segment(const RawProgramHeader& raw, Layout& out) {
    const bool sound = raw.file_size <= raw.memory_size && raw.address < k_program_space &&
                       raw.memory_size < k_program_space &&
                       raw.address % k_page_size == raw.offset % k_page_size;
    if (!sound)
        return "damaged: a segment of it cannot be mapped";
    const Segment segment{raw.address, raw.memory_size, raw.offset, raw.file_size, raw.flags};
    if (!out.segments.empty() && segment.start() < out.end())
        return "damaged: its segments overlap";
    if (raw.alignment > out.alignment) {
        if ((raw.alignment & (raw.alignment - 1)) != 0 || raw.alignment > k_most_alignment)
            return "damaged: a segment of it has an alignment that is no power of two, or too "
                   "large";
        out.alignment = raw.alignment;
    }
    return out.segments.push(segment).ok() ? nullptr : "too large for this machine's memory";
}

bool has_code_at(const Layout& layout, std::uint64_t address) {
    for (const Segment& segment : layout.segments.span())
        if ((segment.flags & k_execute) != 0 && address >= segment.address &&
            address - segment.address < segment.file_size)
            return true;
    return false;
}

std::uint64_t address_of(const Layout& layout, std::uint64_t offset, std::uint64_t size) {
    for (const Segment& segment : layout.segments.span())
        if (offset >= segment.offset && fits(offset - segment.offset, size, segment.file_size))
            return segment.address + (offset - segment.offset);
    return 0;
}

} // namespace

Problem read_file_header(Bytes bytes, FileHeader& out) {
    RawFileHeader raw;
    if (bytes.size() < sizeof raw)
        return bytes.empty() ? "empty: expected an ELF file" : k_truncated;
    __builtin_memcpy(&raw, bytes.data(), sizeof raw);
    if (__builtin_memcmp(raw.identification, k_identification, sizeof k_identification) != 0 ||
        raw.machine != k_machine)
        return "no ELF file for x86-64";
    if (raw.type != k_executable && raw.type != k_shared)
        return "neither a program nor a shared object";
    if (raw.program_header_size != k_program_header_size || raw.program_header_count == 0 ||
        raw.program_header_count > k_most_program_headers)
        return "damaged: its program headers make no sense";
    out.position_independent = raw.type == k_shared;
    out.entry = raw.entry;
    out.program_headers = raw.program_headers;
    out.program_header_count = raw.program_header_count;
    return nullptr;
}

Problem read_layout(const FileHeader& header, Bytes table, std::uint64_t file_size, Layout& out) {
    if (table.size() != header.table_size())
        return k_truncated;
    for (std::size_t at = 0; fits(at, k_program_header_size, table.size());
         at += k_program_header_size) {
        RawProgramHeader raw;
        __builtin_memcpy(&raw, table.data() + at, sizeof raw);
        const bool loaded = raw.type == k_load && raw.memory_size != 0;
        if (!loaded && raw.type != k_interpreter)
            continue;
        if (!fits(raw.offset, raw.file_size, file_size))
            return k_truncated;
        if (loaded) {
            if (const Problem problem = add_segment(raw, out))
                return problem;
        } else if (raw.file_size < 2 || raw.file_size > k_longest_interpreter + 1) {
            return "damaged: its interpreter has no name";
        } else {
            out.interpreter = raw.offset;
            out.interpreter_size = static_cast<std::size_t>(raw.file_size);
        }
    }
    if (!has_code_at(out, header.entry))
        return "damaged: there is no code at its entry";
    out.program_headers = address_of(out, header.program_headers, header.table_size());
    return nullptr;
}

} // namespace os::elf_loader
