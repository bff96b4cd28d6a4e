#include <link/stripped_elf.hpp>

#include <algorithm>
#include <cstring>

#include <elf/layout.hpp>

namespace unik::link {
namespace {

constexpr std::uint64_t k_page = 4096;
constexpr std::uint64_t k_file_alignment = 16; // enough for notes and for the reader of a hex dump

struct Piece {
    elf::ProgramHeader header{};
    ByteSpan bytes;
};

ByteSpan without_trailing_zeros(ByteSpan bytes) {
    std::size_t size = bytes.size();
    while (size > 0 && bytes[size - 1] == 0)
        --size;
    return bytes.first(size);
}

std::vector<Piece> loaded_pieces(const elf::ElfFile& linked) {
    std::vector<Piece> pieces;
    for (const elf::Segment& segment : linked.segments()) {
        if (segment.type != elf::k_segment_load || segment.memory_size == 0)
            continue;
        Piece piece;
        piece.bytes = without_trailing_zeros(linked.content(segment));
        piece.header.type = segment.type;
        piece.header.flags = segment.flags;
        piece.header.address = segment.address;
        piece.header.physical_address = segment.physical_address;
        piece.header.file_size = piece.bytes.size();
        const std::uint64_t end = segment.address + segment.memory_size;
        piece.header.memory_size = (end + k_page - 1) / k_page * k_page - segment.address;
        piece.header.alignment = 1;
        pieces.push_back(piece);
    }
    std::sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) {
        return a.header.physical_address < b.header.physical_address;
    });
    return pieces;
}

// A note is a part of a loaded segment: its place in the file follows from that segment's.
std::vector<elf::ProgramHeader> notes_in(const elf::ElfFile& linked,
                                         const std::vector<Piece>& pieces) {
    std::vector<elf::ProgramHeader> notes;
    for (const elf::Segment& note : linked.segments()) {
        if (note.type != elf::k_segment_note)
            continue;
        for (const Piece& piece : pieces) {
            const elf::ProgramHeader& around = piece.header;
            if (note.address < around.address ||
                note.address - around.address + note.file_size > around.file_size)
                continue;
            elf::ProgramHeader header{};
            header.type = elf::k_segment_note;
            header.flags = note.flags;
            header.offset = around.offset + (note.address - around.address);
            header.address = note.address;
            header.physical_address = note.physical_address;
            header.file_size = note.file_size;
            header.memory_size = note.memory_size;
            header.alignment = note.alignment;
            notes.push_back(header);
        }
    }
    return notes;
}

elf::FileHeader file_header(const elf::ElfFile& linked, std::size_t segment_count) {
    elf::FileHeader header{};
    std::memcpy(header.identification, elf::k_magic, sizeof(elf::k_magic));
    header.identification[4] = elf::k_class_64;
    header.identification[5] = elf::k_little_endian;
    header.identification[6] = elf::k_version_current;
    header.type = static_cast<std::uint16_t>(elf::FileType::executable);
    header.machine = elf::k_machine_x86_64;
    header.version = elf::k_version_current;
    header.entry = linked.entry();
    header.program_header_offset = sizeof(elf::FileHeader);
    header.header_size = sizeof(elf::FileHeader);
    header.program_header_size = sizeof(elf::ProgramHeader);
    header.program_header_count = static_cast<std::uint16_t>(segment_count);
    header.section_header_size = sizeof(elf::SectionHeader);
    return header;
}

} // namespace

ByteVector strip(const elf::ElfFile& linked) {
    std::vector<Piece> pieces = loaded_pieces(linked);
    const std::size_t note_count = notes_in(linked, pieces).size();
    const std::size_t count = pieces.size() + note_count;
    std::uint64_t end = sizeof(elf::FileHeader) + count * sizeof(elf::ProgramHeader);
    for (Piece& piece : pieces) {
        piece.header.offset = (end + k_file_alignment - 1) / k_file_alignment * k_file_alignment;
        end = piece.header.offset + piece.header.file_size;
    }
    std::vector<elf::ProgramHeader> headers;
    for (const Piece& piece : pieces)
        headers.push_back(piece.header);
    for (const elf::ProgramHeader& note : notes_in(linked, pieces))
        headers.push_back(note);
    // Loaders know physical addresses alone; GRUB looks for the entry by p_vaddr.
    for (elf::ProgramHeader& header : headers)
        header.address = header.physical_address;

    ByteVector out(end);
    const elf::FileHeader header = file_header(linked, count);
    std::memcpy(out.data(), &header, sizeof(header));
    std::memcpy(out.data() + sizeof(header), headers.data(),
                headers.size() * sizeof(elf::ProgramHeader));
    for (const Piece& piece : pieces)
        std::copy(piece.bytes.begin(), piece.bytes.end(),
                  out.begin() + static_cast<std::ptrdiff_t>(piece.header.offset));
    return out;
}

} // namespace unik::link
