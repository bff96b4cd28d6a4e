// ELF kernels of a few pages for the tests, put together by hand.
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include <elf/elf_file.hpp>
#include <elf/layout.hpp>
#include <support/file.hpp>
#include <vocabulary/kernel_file_layout.hpp>

namespace unik::efi::test {

struct Piece {
    std::uint64_t address; // physical
    std::uint32_t rights;
    ByteVector bytes;
    std::uint64_t memory_size;
};

struct Note {
    std::string owner;
    std::uint32_t type;
    std::uint64_t value;
};

inline Note pvh_note(std::uint64_t entry) {
    return {"Xen", 18, entry};
}
inline Note uefi_note(std::uint64_t entry) {
    return {UNIK_NOTE_OWNER, UNIK_NOTE_UEFI_ENTRY, entry};
}

template <typename T>
void append(ByteVector& out, const T& value) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(&value);
    out.insert(out.end(), bytes, bytes + sizeof value);
}

inline ByteVector note_bytes(const std::vector<Note>& notes) {
    ByteVector out;
    for (const Note& note : notes) {
        append(out, static_cast<std::uint32_t>(note.owner.size() + 1));
        append(out, std::uint32_t{8});
        append(out, note.type);
        for (std::size_t i = 0; i < (note.owner.size() + 4) / 4 * 4; ++i)
            out.push_back(i < note.owner.size() ? static_cast<std::uint8_t>(note.owner[i]) : 0);
        append(out, note.value);
    }
    return out;
}

inline elf::ElfFile make_kernel(const std::vector<Piece>& pieces, const std::vector<Note>& notes) {
    std::vector<elf::ProgramHeader> headers(pieces.size() + 1);
    ByteVector content;
    const std::size_t start = sizeof(elf::FileHeader) + headers.size() * sizeof(headers[0]);
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        headers[i].type = elf::k_segment_load;
        headers[i].flags = pieces[i].rights;
        headers[i].offset = start + content.size();
        headers[i].address = headers[i].physical_address = pieces[i].address;
        headers[i].file_size = pieces[i].bytes.size();
        headers[i].memory_size = pieces[i].memory_size;
        headers[i].alignment = 1;
        content.insert(content.end(), pieces[i].bytes.begin(), pieces[i].bytes.end());
    }
    const ByteVector note = note_bytes(notes);
    headers.back().type = elf::k_segment_note;
    headers.back().offset = start + content.size();
    headers.back().file_size = headers.back().memory_size = note.size();
    headers.back().alignment = 4;
    content.insert(content.end(), note.begin(), note.end());

    elf::FileHeader header{};
    std::memcpy(header.identification, elf::k_magic, sizeof elf::k_magic);
    header.identification[4] = elf::k_class_64;
    header.identification[5] = elf::k_little_endian;
    header.identification[6] = elf::k_version_current;
    header.type = static_cast<std::uint16_t>(elf::FileType::executable);
    header.machine = elf::k_machine_x86_64;
    header.version = elf::k_version_current;
    header.program_header_offset = sizeof header;
    header.header_size = sizeof header;
    header.program_header_size = sizeof(elf::ProgramHeader);
    header.program_header_count = static_cast<std::uint16_t>(headers.size());
    header.section_header_size = sizeof(elf::SectionHeader);
    ByteVector file;
    append(file, header);
    for (const elf::ProgramHeader& one : headers)
        append(file, one);
    file.insert(file.end(), content.begin(), content.end());
    return elf::ElfFile::parse(std::move(file), "kernel.elf").value();
}

} // namespace unik::efi::test
