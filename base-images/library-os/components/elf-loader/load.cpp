#include "load.hpp"

#include <arch/paging.hpp>
#include <linux-process/program.hpp>
#include <memory/address_space.hpp>
#include <vfs/path.hpp>

namespace os::elf_loader {

namespace {

using memory::Protection;

// As many bytes as the file has there, at most those of the buffer.
Result<std::size_t> read_at(vfs::File& file, MutableBytes buffer, std::uint64_t offset) {
    std::size_t have = 0;
    while (have < buffer.size()) {
        const std::size_t got = UNIK_TRY(file.read_at(buffer.part(have), offset + have));
        if (got == 0)
            break;
        have += got;
    }
    return have;
}

// Behind a segment's bytes in the file's last page lies something else; it must read as zero.
Result<void> clear_tail(std::uint64_t from) {
    const std::uint64_t end = align_up(from, k_page_size);
    if (from == end)
        return {};
    switch (memory::resolve_fault(VirtAddr{from}, memory::Access::write)) {
    case memory::FaultOutcome::resolved: break;
    case memory::FaultOutcome::out_of_memory: return Errno::enomem;
    default: return Errno::eio;
    }
    __builtin_memset(VirtAddr{from}.as<void>(), 0, end - from);
    return {};
}

Result<void> map_segment(const Ref<memory::Pager>& pager, const Segment& segment,
                         std::uint64_t base, const char* name) {
    const Protection protection = linux_process::protection_of(segment.flags);
    std::uint64_t mapped_to = segment.start();
    if (segment.file_size != 0) {
        mapped_to = segment.file_end();
        UNIK_TRY(memory::map({.address = VirtAddr{base + segment.start()},
                              .size = mapped_to - segment.start(),
                              .protection = protection,
                              .placement = memory::Placement::fixed_no_replace,
                              .pager = pager,
                              .offset = align_down(segment.offset, k_page_size),
                              .name = name}));
        if (segment.memory_size > segment.file_size && memory::has(protection, Protection::write))
            UNIK_TRY(clear_tail(base + segment.address + segment.file_size));
    }
    if (segment.end() > mapped_to)
        UNIK_TRY(memory::map({.address = VirtAddr{base + mapped_to},
                              .size = segment.end() - mapped_to,
                              .protection = protection,
                              .placement = memory::Placement::fixed_no_replace,
                              .no_reserve = true}));
    return {};
}

} // namespace

Result<Opened> open_program(StringView path) {
    Opened out;
    OpenProgram& program = out.program;
    program.file = UNIK_TRY(vfs::open(path, 0));
    if (program.file->inode() == nullptr || !program.file->inode()->is_regular())
        return Errno::eacces;
    std::uint8_t first[k_file_header_size];
    const std::size_t have = UNIK_TRY(read_at(*program.file, MutableBytes(first), 0));
    out.problem = read_file_header(Bytes(first, have), program.header);
    if (out.problem != nullptr)
        return out;
    Vector<std::uint8_t> table;
    UNIK_TRY(table.resize(program.header.table_size()));
    const std::size_t read = UNIK_TRY(
        read_at(*program.file, {table.data(), table.size()}, program.header.program_headers));
    UNIK_TRY(table.resize(read));
    out.problem = read_layout(program.header, {table.data(), table.size()},
                              program.file->inode()->size(), program.layout);
    return out;
}

Result<String> interpreter_of(const OpenProgram& program) {
    String path;
    UNIK_TRY(path.resize(program.layout.interpreter_size));
    const MutableBytes bytes(reinterpret_cast<std::uint8_t*>(path.data()), path.size());
    const std::size_t have = UNIK_TRY(read_at(*program.file, bytes, program.layout.interpreter));
    if (have != path.size() || have == 0 || path[have - 1] != '\0')
        return Errno::einval;
    return path;
}

Result<void> map_program(const OpenProgram& program, std::uint64_t base, const char* name) {
    const std::uint64_t limit = arch::k_program_top;
    if (base > limit || program.layout.end() > limit - base ||
        base + program.layout.start() < arch::k_program_bottom)
        return Errno::enoexec;
    const Ref<memory::Pager> pager = UNIK_TRY(program.file->pager());
    for (const Segment& segment : program.layout.segments.span())
        UNIK_TRY(map_segment(pager, segment, base, name));
    return {};
}

Result<std::uint64_t> find_base(const Layout& layout) {
    const std::uint64_t size = layout.end() - align_down(layout.start(), layout.alignment);
    const std::uint64_t room = size + layout.alignment;
    const VirtAddr place = UNIK_TRY(memory::map({.size = room}));
    UNIK_TRY(memory::unmap(place, room));
    return align_up(place.value, layout.alignment) - align_down(layout.start(), layout.alignment);
}

} // namespace os::elf_loader
