#include "program_image.hpp"

#include <arch/paging.hpp>
#include <memory/address_space.hpp>

namespace os::fused_program {

namespace {

using linux_process::LoadedProgram;
using memory::Protection;

constexpr std::uint32_t k_writable = 2; // elf.h: PF_W

std::uint64_t alignment_of(Span<const vocabulary::SegmentRecord> segments) {
    std::uint64_t alignment = k_page_size;
    for (const vocabulary::SegmentRecord& segment : segments) {
        const std::uint64_t wanted = std::uint64_t{1} << (segment.alignment_log2 & 63);
        alignment = wanted > alignment ? wanted : alignment;
    }
    return alignment;
}

// What lies behind the file's bytes in the last page belongs to nobody else and must read as zero.
void clear_tail(const vocabulary::SegmentRecord& segment) {
    const std::uint64_t end = segment.data + segment.file_size;
    __builtin_memset(VirtAddr{end}.as<void>(), 0, align_up(end, k_page_size) - end);
}

Result<void> map_segment(const vocabulary::SegmentRecord& segment, std::uint64_t base) {
    const Protection protection = linux_process::protection_of(segment.flags);
    const std::uint64_t address = base + segment.address;
    const std::uint64_t start = align_down(address, k_page_size);
    const std::uint64_t file_end = align_up(address + segment.file_size, k_page_size);
    const std::uint64_t end = align_up(address + segment.memory_size, k_page_size);
    if (segment.memory_size < segment.file_size || end < start || end > arch::k_program_top ||
        start < arch::k_program_bottom || segment.data % k_page_size != address % k_page_size)
        return Errno::enoexec;
    std::uint64_t mapped_to = start;
    if (segment.file_size != 0) {
        if (segment.memory_size > segment.file_size && (segment.flags & k_writable) != 0)
            clear_tail(segment);
        const auto* data = VirtAddr{align_down(segment.data, k_page_size)}.as<const void>();
        UNIK_TRY(memory::map_image(VirtAddr{start}, data, file_end - start, protection, "program"));
        mapped_to = file_end;
    }
    if (end > mapped_to)
        UNIK_TRY(memory::map({.address = VirtAddr{mapped_to},
                              .size = end - mapped_to,
                              .protection = protection,
                              .placement = memory::Placement::fixed_no_replace,
                              .no_reserve = true}));
    return {};
}

} // namespace

Result<LoadedProgram> load_program(const vocabulary::ImageHeader& image,
                                   Span<const vocabulary::SegmentRecord> segments,
                                   std::uint64_t slide) {
    LoadedProgram program;
    if (image.program_kind == vocabulary::ProgramKind::position_independent)
        program.base = linux_process::pick_base(alignment_of(segments), slide);
    for (const vocabulary::SegmentRecord& segment : segments) {
        UNIK_TRY(map_segment(segment, program.base));
        const std::uint64_t end =
            align_up(program.base + segment.address + segment.memory_size, k_page_size);
        program.end = end > program.end ? end : program.end;
    }
    program.path = reinterpret_cast<const char*>(image.program);
    program.entry = program.base + image.entry;
    program.first_instruction = program.entry;
    program.program_headers = program.base + image.program_headers;
    program.program_header_count = image.program_header_count;
    return program;
}

} // namespace os::fused_program
