#include <efi/kernel_file.hpp>

#include <doctest/doctest.h>

#include <efi/pe_layout.hpp>
#include <vocabulary/endian.hpp>

#include "small_kernel.hpp"

namespace unik::efi::test {
namespace {

constexpr std::uint64_t k_start = vocabulary::k_load_address;
constexpr std::uint32_t k_rx = 5;
constexpr std::uint32_t k_r = 4;
constexpr std::uint32_t k_rw = 6;

std::vector<Piece> usual_pieces() {
    return {{k_start, k_rx, ByteVector(0x1234, 0xc3), 0x2000},
            {k_start + 0x2000, k_r, ByteVector(0x10, 0x11), 0x1000},
            {k_start + 0x3040, k_r, ByteVector(0x20, 0x22), 0xfc0},
            {k_start + 0x4000, k_rw, ByteVector(0x321, 0x33), 0x1000},
            {k_start + 0x5000, k_rw, {}, 0x7000}};
}

ByteVector usual_file(std::string name = "web") {
    const elf::ElfFile kernel =
        make_kernel(usual_pieces(), {pvh_note(k_start + 0x10), uefi_note(k_start + 0x1020)});
    return make_kernel_file({.kernel = &kernel, .name = std::move(name)}).value();
}

ByteVector usual_setup() {
    ByteVector setup(4096);
    setup[vocabulary::k_setup_header_offset] = 7;
    std::memcpy(&setup[vocabulary::k_setup_magic_offset], "HdrS", 4);
    setup[0x600] = 0x90;
    return setup;
}

template <typename T>
T at(ByteSpan bytes, std::size_t offset) {
    T value;
    REQUIRE(offset + sizeof value <= bytes.size());
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
}

constexpr std::size_t k_optional = vocabulary::k_pe_offset + sizeof(CoffHeader);

std::vector<SectionEntry> sections_of(ByteSpan file) {
    std::vector<SectionEntry> out;
    const auto coff = at<CoffHeader>(file, vocabulary::k_pe_offset);
    for (std::size_t i = 0; i < coff.section_count; ++i)
        out.push_back(
            at<SectionEntry>(file, k_optional + sizeof(OptionalHeader) + i * sizeof(SectionEntry)));
    return out;
}

std::string error_id(const Result<ByteVector>& result) {
    return result.ok() ? "" : result.error().diagnostics[0].id;
}

} // namespace

TEST_CASE("a kernel file is a PE32+ application for UEFI on x86-64") {
    const ByteVector file = usual_file();
    CHECK(file[0] == 'M');
    CHECK(file[1] == 'Z');
    CHECK(at<Le32>(file, 0x3c) == 0x400);
    const auto coff = at<CoffHeader>(file, 0x400);
    CHECK(std::memcmp(coff.signature, "PE\0\0", 4) == 0);
    CHECK(coff.machine == 0x8664);
    CHECK(coff.time_stamp == 0);
    CHECK(coff.flags == 0x22e);
    const auto header = at<OptionalHeader>(file, k_optional);
    CHECK(header.magic == 0x20b);
    CHECK(header.subsystem == 10);
    CHECK(header.dll_flags == 0x160);
    CHECK(header.entry == 0x1000 + 0x1020);
    CHECK(header.code_start == 0x1000);
    CHECK(header.code_size == 0x2000);
    CHECK(header.headers_size == 0x1000);
    CHECK(header.image_size == 0x1000 + 0xc000);
    CHECK(header.directory_count == 16);
    for (const DataDirectory& directory : header.directories)
        CHECK(directory.size == 0);
}

TEST_CASE("memory with the same rights is one section, and sections leave no gap") {
    const ByteVector file = usual_file();
    const auto sections = sections_of(file);
    REQUIRE(sections.size() == 3);
    CHECK(std::string(sections[0].name) == ".text");
    CHECK(sections[0].flags == 0x6000'0020);
    CHECK(std::string(sections[1].name) == ".rodata");
    CHECK(sections[1].flags == 0x4000'0040);
    CHECK(std::string(sections[2].name) == ".data");
    CHECK(sections[2].flags == 0xc000'0040);
    std::uint32_t end = 0x1000;
    for (const SectionEntry& section : sections) {
        CHECK(section.address == end);
        CHECK(section.file_offset == end);
        CHECK(section.file_size <= section.memory_size);
        end = section.address + section.memory_size;
    }
    CHECK(end == 0xd000);
    CHECK(sections[2].file_offset + sections[2].file_size == file.size());
    CHECK(file.size() % 512 == 0);
}

TEST_CASE("each byte of the kernel lies where its address says, and gaps are zeros") {
    const ByteVector file = usual_file();
    CHECK(file[0x1000] == 0xc3);
    CHECK(file[0x1000 + 0x1233] == 0xc3);
    CHECK(file[0x1000 + 0x1234] == 0);
    CHECK(file[0x1000 + 0x203f] == 0);
    CHECK(file[0x1000 + 0x3040] == 0x22);
    CHECK(file[0x1000 + 0x4320] == 0x33);
    CHECK(file[0x1000 + 0x4321] == 0);
}

TEST_CASE("the checksum is the sum of all words and the file's size") {
    ByteVector file = usual_file();
    const std::size_t place = k_optional + offsetof(OptionalHeader, checksum);
    const std::uint32_t found = at<Le32>(file, place);
    for (std::size_t i = 0; i < 4; ++i)
        file[place + i] = 0;
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < file.size(); i += 2)
        sum += at<Le16>(file, i);
    while (sum > 0xffff)
        sum = (sum & 0xffff) + (sum >> 16);
    CHECK(found == sum + file.size());
}

TEST_CASE("what a kernel file says of itself is read back") {
    const ByteVector file = usual_file("caf\xc3\xa9 web");
    const KernelFile read = read_kernel_file(file).value();
    CHECK(read.name == "caf?? web");
    CHECK(read.pvh_entry == k_start + 0x10);
    CHECK(read.load_address == k_start);
    CHECK(read.image_offset == 0x1000);
    CHECK(read.image_size == file.size() - 0x1000);
    CHECK(read.memory_size == 0xc000);
    CHECK(read_kernel_file(usual_file(std::string(200, 'x'))).value().name == std::string(63, 'x'));
}

TEST_CASE("a kernel without a door for UEFI is no PE file") {
    const elf::ElfFile kernel = make_kernel(usual_pieces(), {pvh_note(k_start)});
    const ByteVector file = make_kernel_file({.kernel = &kernel, .name = "web"}).value();
    CHECK(file[0] == 0);
    CHECK(at<Le32>(file, 0x400) == 0U);
    CHECK(read_kernel_file(file).value().pvh_entry == k_start);
}

TEST_CASE("the page of linux-setup becomes the headers' page with the kernel's sizes") {
    const ByteVector setup = usual_setup();
    const elf::ElfFile kernel = make_kernel(usual_pieces(), {uefi_note(k_start)});
    const ByteVector file =
        make_kernel_file({.kernel = &kernel, .linux_setup = setup, .name = "web"}).value();
    CHECK(file[0] == 'M');
    CHECK(file[0x1f1] == 7);
    CHECK(file[0x600] == 0x90);
    CHECK(at<Le32>(file, 0x1f4) * 16ULL == file.size() - 0x1000);
    CHECK(at<Le32>(file, 0x260) == 0xc000U + 12 * 0x1000U); // with room for page tables
    CHECK(read_kernel_file(file).value().pvh_entry == 0);
}

TEST_CASE("a page of linux-setup that covers the headers or is none is refused") {
    const elf::ElfFile kernel = make_kernel(usual_pieces(), {uefi_note(k_start)});
    ByteVector covering = usual_setup();
    covering[0x5ff] = 1;
    ByteVector unsigned_page = usual_setup();
    unsigned_page[0x202] = 'h';
    const ByteVector short_page(4095);
    for (const ByteVector& setup : {covering, unsigned_page, short_page})
        CHECK(error_id(make_kernel_file({.kernel = &kernel, .linux_setup = setup})) ==
              "kernel-not-bootable");
}

TEST_CASE("kernels that cannot be loaded are refused") {
    const auto refused = [](std::vector<Piece> pieces, std::vector<Note> notes) {
        const elf::ElfFile kernel = make_kernel(pieces, notes);
        return error_id(make_kernel_file({.kernel = &kernel, .name = "web"})) ==
               "kernel-not-bootable";
    };
    const std::vector<Note> notes{uefi_note(k_start)};
    CHECK_FALSE(refused(usual_pieces(), notes));
    CHECK(refused({}, notes));
    CHECK(refused(usual_pieces(), {}));
    CHECK(refused(usual_pieces(), {uefi_note(k_start - 1)}));
    CHECK(refused(usual_pieces(), {uefi_note(k_start + 0x5000)}));
    CHECK(refused(usual_pieces(), {pvh_note(1ULL << 32 | k_start)}));
    CHECK(refused({{k_start, 7, ByteVector(16, 1), 16}}, notes));
    CHECK(refused({{k_start - 1, k_rx, ByteVector(16, 1), 16}}, notes));
    CHECK(refused({{k_start, k_rx, ByteVector(16, 1), (1ULL << 30) + 1}}, notes));
    CHECK(refused({{k_start, k_rx, ByteVector(16, 1), 16}, {k_start + 8, k_rx, {}, 16}}, notes));
    // Two kinds of rights on one page, and more changes than the headers have room for.
    CHECK(refused({{k_start, k_rx, ByteVector(16, 1), 16}, {k_start + 16, k_rw, {}, 16}}, notes));
    std::vector<Piece> many;
    for (std::uint64_t i = 0; i < 8; ++i)
        many.push_back({k_start + i * 4096, i % 2 == 0 ? k_rx : k_r, ByteVector(16, 1), 4096});
    CHECK(refused(many, notes));
}

TEST_CASE("a kernel file that contradicts itself is refused") {
    const ByteVector good = usual_file();
    constexpr std::size_t header = vocabulary::k_kernel_file_header_offset;
    const auto refused = [&](std::size_t offset, std::vector<std::uint8_t> bytes) {
        ByteVector bad = good;
        std::copy(bytes.begin(), bytes.end(),
                  bad.begin() + static_cast<std::ptrdiff_t>(header + offset));
        const auto read = read_kernel_file(bad);
        return !read.ok() && read.error().diagnostics[0].id == "broken-kernel-file";
    };
    CHECK(refused(0, {1}));                                 // the signature
    CHECK(refused(10, {0x20}));                             // the load address
    CHECK(refused(17, {0x20}));                             // the image's offset
    CHECK(refused(22, {0x10}));                             // an image larger than the file
    CHECK(refused(20, {1}));                                // not whole sectors
    CHECK(refused(24, {0, 0, 0, 0x70}));                    // more memory than 1 GiB
    CHECK(refused(24, {0, 0x10, 0, 0}));                    // less memory than image
    CHECK(refused(28, {0, 0, 0, 0x7f}));                    // an entry beyond the image
    CHECK(refused(32, {'a', 7, 'b', 0}));                   // a name that is not printable
    CHECK(refused(32, std::vector<std::uint8_t>(64, 'x'))); // a name without end
    CHECK_FALSE(read_kernel_file(ByteSpan(good).first(4095)).ok());
    CHECK_FALSE(read_kernel_file(ByteSpan(good).first(good.size() - 1)).ok());
    CHECK(read_kernel_file(good).ok());
}

TEST_CASE("a kernel file is made the same twice") {
    CHECK(usual_file() == usual_file());
}

} // namespace unik::efi::test
