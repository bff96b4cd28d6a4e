#include <elf/notes.hpp>

#include <cstring>

#include <doctest/doctest.h>
#include <elf/layout.hpp>

namespace unik::elf {
namespace {

template <typename T>
void append(ByteVector& out, const T& value) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(&value);
    out.insert(out.end(), bytes, bytes + sizeof value);
}

ElfFile with_notes(const ByteVector& notes) {
    FileHeader header{};
    std::memcpy(header.identification, k_magic, sizeof k_magic);
    header.identification[4] = k_class_64;
    header.identification[5] = k_little_endian;
    header.identification[6] = k_version_current;
    header.type = 2;
    header.machine = k_machine_x86_64;
    header.version = k_version_current;
    header.program_header_offset = sizeof header;
    header.header_size = sizeof header;
    header.program_header_size = sizeof(ProgramHeader);
    header.program_header_count = 1;
    header.section_header_size = sizeof(SectionHeader);
    ProgramHeader segment{};
    segment.type = k_segment_note;
    segment.offset = sizeof header + sizeof segment;
    segment.file_size = segment.memory_size = notes.size();
    ByteVector file;
    append(file, header);
    append(file, segment);
    file.insert(file.end(), notes.begin(), notes.end());
    return ElfFile::parse(std::move(file), "notes").value();
}

ByteVector note(std::string_view name_with_nul, std::uint32_t type, std::string_view content) {
    ByteVector out;
    append(out, static_cast<std::uint32_t>(name_with_nul.size()));
    append(out, static_cast<std::uint32_t>(content.size()));
    append(out, type);
    for (const std::string_view part : {name_with_nul, content}) {
        out.insert(out.end(), part.begin(), part.end());
        while (out.size() % 4 != 0)
            out.push_back(0);
    }
    return out;
}

std::string found(const ByteVector& notes, std::string_view owner, std::uint32_t type) {
    const ElfFile file = with_notes(notes);
    const auto content = find_note(file, owner, type);
    return content ? std::string(content->begin(), content->end()) : "none";
}

} // namespace

TEST_CASE("a note is found by its owner and type, past others") {
    using namespace std::string_view_literals;
    ByteVector notes = note("GNU\0"sv, 1, "abcde");
    for (const auto& more : {note("unik\0"sv, 2, "two"), note("unik\0"sv, 1, "one")})
        notes.insert(notes.end(), more.begin(), more.end());
    CHECK(found(notes, "unik", 1) == "one");
    CHECK(found(notes, "unik", 2) == "two");
    CHECK(found(notes, "GNU", 1) == "abcde");
    CHECK(found(notes, "uni", 1) == "none");
    CHECK(found(notes, "unik", 3) == "none");
}

TEST_CASE("notes that are cut off or have no NUL are not found") {
    using namespace std::string_view_literals;
    const ByteVector whole = note("unik\0"sv, 1, "content.");
    for (std::size_t size = 0; size < whole.size(); ++size)
        CHECK(found(ByteVector(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)),
                    "unik", 1) == "none");
    CHECK(found(note("unikX"sv, 1, "x"), "unik", 1) == "none");
    ByteVector huge = whole;
    huge[0] = huge[1] = huge[2] = huge[3] = 0xff;
    CHECK(found(huge, "unik", 1) == "none");
}

} // namespace unik::elf
