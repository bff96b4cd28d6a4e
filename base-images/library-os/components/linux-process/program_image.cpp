#include "program_image.hpp"

#include <arch/paging.hpp>
#include <memory/address_space.hpp>

namespace os::linux_process {

namespace {

using memory::Protection;

constexpr std::uint32_t k_executable = 1; // elf.h: PF_X, PF_W, PF_R
constexpr std::uint32_t k_writable = 2;
constexpr std::uint32_t k_readable = 4;

// As on Linux: two thirds of the way up, with 28 random bits of pages.
constexpr std::uint64_t k_lowest_base = 0x555555554000;
constexpr std::uint64_t k_base_pages = 1ULL << 28;

constexpr std::size_t k_stack_size = 8 << 20;
constexpr std::size_t k_stack_guard_size = 1 << 20;
constexpr std::uint64_t k_stack_slide_pages = 1ULL << 22;

Protection protection_of(std::uint32_t flags) {
    Protection protection = Protection::none;
    if ((flags & k_readable) != 0)
        protection = protection | Protection::read;
    if ((flags & k_writable) != 0)
        protection = protection | Protection::write;
    if ((flags & k_executable) != 0)
        protection = protection | Protection::execute;
    return protection;
}

std::uint64_t pick_base(Span<const vocabulary::SegmentRecord> segments, std::uint64_t slide) {
    std::uint64_t alignment = k_page_size;
    for (const vocabulary::SegmentRecord& segment : segments) {
        const std::uint64_t wanted = std::uint64_t{1} << (segment.alignment_log2 & 63);
        alignment = wanted > alignment ? wanted : alignment;
    }
    return align_down(k_lowest_base + slide % k_base_pages * k_page_size, alignment);
}

// What lies behind the file's bytes in the last page belongs to nobody else and must read as zero.
void clear_tail(const vocabulary::SegmentRecord& segment) {
    const std::uint64_t end = segment.data + segment.file_size;
    __builtin_memset(VirtAddr{end}.as<void>(), 0, align_up(end, k_page_size) - end);
}

Result<void> map_segment(const vocabulary::SegmentRecord& segment, std::uint64_t base) {
    const Protection protection = protection_of(segment.flags);
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
        program.base = pick_base(segments, slide);
    for (const vocabulary::SegmentRecord& segment : segments) {
        UNIK_TRY(map_segment(segment, program.base));
        const std::uint64_t end =
            align_up(program.base + segment.address + segment.memory_size, k_page_size);
        program.end = end > program.end ? end : program.end;
    }
    program.entry = program.base + image.entry;
    program.program_headers = program.base + image.program_headers;
    return program;
}

Result<Stack> map_stack(std::uint64_t slide) {
    const std::uint64_t top =
        arch::k_program_top - k_page_size - slide % k_stack_slide_pages * k_page_size;
    const VirtAddr bottom{top - k_stack_size};
    UNIK_TRY(memory::map({.address = VirtAddr{bottom.value - k_stack_guard_size},
                          .size = k_stack_guard_size,
                          .placement = memory::Placement::fixed_no_replace,
                          .name = "[stack guard]"}));
    UNIK_TRY(memory::map({.address = bottom,
                          .size = k_stack_size,
                          .protection = Protection::read | Protection::write,
                          .placement = memory::Placement::fixed_no_replace,
                          .name = "[stack]",
                          .no_reserve = true}));
    return Stack{bottom, k_stack_size};
}

} // namespace os::linux_process
