#include "fused-program/program_image.hpp"

#include <cstdlib>
#include <cstring>
#include <vector>

#include <doctest/doctest.h>
#include <memory/address_space.hpp>

// The address space only notes what it is asked for.
namespace {

struct Mapping {
    std::uint64_t start;
    std::uint64_t size;
    os::memory::Protection protection;
    const void* data;
};
std::vector<Mapping> g_mappings;

} // namespace

namespace os::memory {

Result<VirtAddr> map(const MapRequest& request) {
    g_mappings.push_back({request.address.value, request.size, request.protection, nullptr});
    return request.address;
}

Result<void> map_image(VirtAddr address, const void* data, std::size_t size, Protection protection,
                       const char*) {
    g_mappings.push_back({address.value, size, protection, data});
    return {};
}

} // namespace os::memory

namespace {

using namespace os::fused_program;
using os::linux_process::LoadedProgram;
using os::memory::Protection;
using vocabulary::ImageHeader;
using vocabulary::ProgramKind;
using vocabulary::SegmentRecord;

constexpr std::uint64_t k_page = 4096;

struct Image {
    Image() : bytes(static_cast<std::uint8_t*>(std::aligned_alloc(k_page, 4 * k_page))) {
        std::memset(bytes, 0xaa, 4 * k_page);
        g_mappings.clear();
    }
    ~Image() { std::free(bytes); }
    Image(const Image&) = delete;
    Image& operator=(const Image&) = delete;

    std::uint64_t data(std::uint64_t offset) const {
        return reinterpret_cast<std::uint64_t>(bytes) + offset;
    }
    std::uint8_t* bytes;
};

os::Result<LoadedProgram> load(const std::vector<SegmentRecord>& segments,
                               ProgramKind kind = ProgramKind::fixed, std::uint64_t slide = 0) {
    ImageHeader header{};
    header.program_kind = kind;
    header.entry = 0x401000;
    header.program_headers = 0x400040;
    header.program_header_count = 9;
    return load_program(header, {segments.data(), segments.size()}, slide);
}

} // namespace

TEST_CASE("whole pages of the image appear where the program wants them") {
    const Image image;
    const auto program = load({{0x400000, 0x1234, image.data(0), 0x1234, 5, 12}});
    REQUIRE(program.ok());
    CHECK(program->base == 0);
    CHECK(program->entry == 0x401000);
    CHECK(program->first_instruction == 0x401000);
    CHECK(program->interpreter_base == 0);
    CHECK(program->program_header_count == 9);
    CHECK(program->end == 0x402000);
    REQUIRE(g_mappings.size() == 1);
    CHECK(g_mappings[0].start == 0x400000);
    CHECK(g_mappings[0].size == 2 * k_page);
    CHECK(g_mappings[0].protection == (Protection::read | Protection::execute));
    CHECK(g_mappings[0].data == image.bytes);
}

TEST_CASE("bss follows the data: the last page's tail is cleared, the rest is anonymous") {
    const Image image;
    const auto program = load({{0x403f00, 0x3100, image.data(0xf00), 0x180, 6, 12}});
    REQUIRE(program.ok());
    CHECK(program->end == 0x407000);
    CHECK(image.bytes[0xf00] == 0xaa);
    CHECK(image.bytes[0x107f] == 0xaa);
    for (std::size_t i = 0x1080; i < 2 * k_page; ++i)
        REQUIRE(image.bytes[i] == 0);
    CHECK(image.bytes[2 * k_page] == 0xaa);
    REQUIRE(g_mappings.size() == 2);
    CHECK(g_mappings[0].start == 0x403000);
    CHECK(g_mappings[0].size == 2 * k_page);
    CHECK(g_mappings[1].start == 0x405000);
    CHECK(g_mappings[1].size == 2 * k_page);
    CHECK(g_mappings[1].data == nullptr);
    CHECK(g_mappings[1].protection == (Protection::read | Protection::write));
}

TEST_CASE("a segment of zeroes only needs no image") {
    const auto program = load({{0x500000, 0x5000, 0x1000, 0, 6, 12}});
    REQUIRE(program.ok());
    REQUIRE(!g_mappings.empty());
    CHECK(g_mappings.back().size == 0x5000);
}

TEST_CASE("a position-independent program slides, and keeps its alignment") {
    const Image image;
    const std::vector<SegmentRecord> segments{{0, 0x100, image.data(0), 0x100, 4, 21}};
    const auto one = load(segments, ProgramKind::position_independent, 12345);
    const auto other = load(segments, ProgramKind::position_independent, 987654321);
    REQUIRE(one.ok());
    REQUIRE(other.ok());
    CHECK(one->base != other->base);
    CHECK(one->base % (1 << 21) == 0);
    CHECK(other->base % (1 << 21) == 0);
    CHECK(one->entry == one->base + 0x401000);
    CHECK(one->program_headers == one->base + 0x400040);
}

TEST_CASE("records that cannot be are refused") {
    const Image image;
    const auto refused = [](const SegmentRecord& segment) {
        const auto program = load({segment});
        return !program.ok() && program.error() == os::Errno::enoexec;
    };
    CHECK(refused({0x400010, 0x100, image.data(0), 0x100, 4, 12}));       // offset in the page
    CHECK(refused({0x400000, 0x10, image.data(0), 0x100, 4, 12}));        // file larger than memory
    CHECK(refused({0, 0x100, image.data(0), 0x100, 4, 12}));              // null pages
    CHECK(refused({0x800000000000, 0x100, image.data(0), 0x100, 4, 12})); // the kernel's half
    CHECK(refused({0xfffffffffffff000, 0x2000, image.data(0), 0x100, 4, 12}));
}
