#include <doctest/doctest.h>

#include <cstring>
#include <elf/elf_file.hpp>
#include <elf/layout.hpp>
#include <elf/object_writer.hpp>
#include <support/file.hpp>

using namespace unik;

namespace {

template <typename T>
void put(ByteVector& bytes, std::size_t offset, const T& value) {
    if (bytes.size() < offset + sizeof(T))
        bytes.resize(offset + sizeof(T));
    std::memcpy(bytes.data() + offset, &value, sizeof(T));
}

void put_text(ByteVector& bytes, std::size_t offset, std::string_view text) {
    bytes.resize(std::max(bytes.size(), offset + text.size() + 1));
    std::memcpy(bytes.data() + offset, text.data(), text.size());
}

elf::FileHeader executable_header() {
    elf::FileHeader header{};
    std::memcpy(header.identification, elf::k_magic, sizeof(elf::k_magic));
    header.identification[4] = elf::k_class_64;
    header.identification[5] = elf::k_little_endian;
    header.identification[6] = elf::k_version_current;
    header.type = 2;
    header.machine = elf::k_machine_x86_64;
    header.version = 1;
    header.entry = 0x401000;
    header.program_header_offset = 64;
    header.program_header_size = sizeof(elf::ProgramHeader);
    header.section_header_size = sizeof(elf::SectionHeader);
    header.header_size = sizeof(elf::FileHeader);
    return header;
}

// An executable with an interpreter, one loaded segment and one needed library.
ByteVector dynamic_executable() {
    ByteVector bytes;
    elf::FileHeader header = executable_header();
    header.program_header_count = 3;
    put(bytes, 0, header);
    put(bytes, 64, elf::ProgramHeader{elf::k_segment_interpreter, 4, 0x200, 0, 0, 16, 16, 1});
    put(bytes, 120,
        elf::ProgramHeader{elf::k_segment_load, 5, 0, 0x400000, 0x400000, 0x300, 0x900, 0x1000});
    put(bytes, 176, elf::ProgramHeader{elf::k_segment_dynamic, 6, 0x240, 0, 0, 48, 48, 8});
    put_text(bytes, 0x200, "/lib/ld.so");
    put_text(bytes, 0x220, std::string_view("\0libm.so.6", 10));
    put(bytes, 0x240, elf::DynamicEntry{elf::k_dynamic_string_table, 0x400220});
    put(bytes, 0x250, elf::DynamicEntry{elf::k_dynamic_needed, 1});
    put(bytes, 0x260, elf::DynamicEntry{elf::k_dynamic_null, 0});
    bytes.resize(0x300);
    return bytes;
}

std::string id_of(const Error& error) {
    return error.diagnostics.at(0).id;
}

} // namespace

TEST_CASE("an executable's headers, interpreter and libraries are read") {
    auto file = elf::ElfFile::parse(dynamic_executable(), "a.out");
    REQUIRE(file.ok());
    CHECK(file->type() == elf::FileType::executable);
    CHECK(file->machine() == elf::k_machine_x86_64);
    CHECK(file->entry() == 0x401000);
    CHECK(file->interpreter() == "/lib/ld.so");
    REQUIRE(file->segments().size() == 3);
    CHECK(file->segments()[1].memory_size == 0x900);
    CHECK(file->content(file->segments()[1]).size() == 0x300);
    CHECK(file->content_at(0x4002ff).size() == 1);
    CHECK(file->content_at(0x400300).empty());
    CHECK(file->sections().empty());
}

TEST_CASE("a file cut anywhere before its last byte is an error") {
    const ByteVector whole = dynamic_executable();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        CAPTURE(size);
        const ByteVector cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        const auto file = elf::ElfFile::parse(cut, "cut");
        REQUIRE_FALSE(file.ok());
        CHECK(id_of(file.error()) == (size < 4 ? "not-an-elf" : "corrupt-elf"));
    }
}

TEST_CASE("an object written by us is read back the same") {
    const ByteVector data{1, 2, 3};
    const ByteVector more{4, 5, 6, 7};
    elf::ObjectContent content;
    content.sections = {{".first", data, 16, elf::Access::read_only},
                        {".second", more, 4, elf::Access::writable}};
    content.symbols = {{"exported", 1, 2, 2, elf::k_symbol_object, elf::Binding::global},
                       {"pie:main", elf::DataSymbol::absolute, 0x1234, 7, elf::k_symbol_function}};
    const ByteVector bytes = elf::write_object(content);
    auto file = elf::ElfFile::parse(bytes, "data.o");
    REQUIRE(file.ok());
    CHECK(file->type() == elf::FileType::relocatable);
    const elf::Section* second = file->find_section(".second");
    REQUIRE(second != nullptr);
    const ByteSpan read = file->content(*second);
    CHECK(ByteVector(read.begin(), read.end()) == more);
    REQUIRE(file->symbols().size() == 2);
    CHECK(file->symbols()[0].name == "exported");
    CHECK(file->symbols()[1].name == "pie:main");
    CHECK(file->symbols()[1].address == 0x1234);
    CHECK(file->symbols()[1].section == elf::k_section_index_absolute);
    CHECK(elf::write_object(content) == bytes);
}

TEST_CASE("an object cut inside its headers is an error") {
    const ByteVector data(100, 7);
    elf::ObjectContent content;
    content.sections = {{".data", data, 1, elf::Access::writable}};
    const ByteVector whole = elf::write_object(content);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        CAPTURE(size);
        CHECK_FALSE(
            elf::ElfFile::parse(
                ByteVector(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)), "cut")
                .ok());
    }
}

TEST_CASE("foreign and damaged headers are told apart") {
    const auto parse_with = [](auto change) {
        ByteVector bytes = dynamic_executable();
        change(bytes);
        auto file = elf::ElfFile::parse(std::move(bytes), "x");
        return file.ok() ? std::string("ok") : id_of(file.error());
    };
    CHECK(parse_with([](ByteVector& b) { b[4] = 1; }) == "foreign-architecture");
    CHECK(parse_with([](ByteVector& b) { b[5] = 2; }) == "foreign-architecture");
    CHECK(parse_with([](ByteVector& b) { b[6] = 9; }) == "corrupt-elf");
    CHECK(parse_with([](ByteVector& b) { b[54] = 8; }) == "corrupt-elf");    // e_phentsize
    CHECK(parse_with([](ByteVector& b) { b[56] = 0xff; }) == "corrupt-elf"); // e_phnum
    CHECK(parse_with([](ByteVector& b) { b[39] = 0xff; }) == "corrupt-elf"); // e_phoff, top byte
    CHECK(parse_with([](ByteVector& b) { b[120 + 55] = 0x03; }) == "corrupt-elf"); // alignment
    CHECK(parse_with([](ByteVector& b) { b[120 + 41] = 0; }) == "corrupt-elf");    // memory < file
    CHECK(parse_with([](ByteVector& b) { std::memset(&b[0x200], 'x', 0x20); }) == "corrupt-elf");
}

TEST_CASE("a real program of this machine is read") {
    auto bytes = read_file("/bin/busybox", Bytes{64 << 20});
    REQUIRE(bytes.ok());
    auto file = elf::ElfFile::parse(std::move(bytes).value(), "busybox");
    REQUIRE(file.ok());
    CHECK_FALSE(file->has_interpreter());
    CHECK(file->find_section(".text") != nullptr);
    CHECK(file->symbols().empty());
}
