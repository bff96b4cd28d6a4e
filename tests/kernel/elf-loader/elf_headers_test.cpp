#include "elf-loader/elf_headers.hpp"

#include <cstring>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace {

using namespace os;
using namespace os::elf_loader;

constexpr std::uint64_t k_file_size = 0x3000;

struct ProgramHeader {
    std::uint32_t type;
    std::uint32_t flags;
    std::uint64_t offset;
    std::uint64_t address;
    std::uint64_t physical_address;
    std::uint64_t file_size;
    std::uint64_t memory_size;
    std::uint64_t alignment;
};

// A position-independent program as linkers make it: read-only, code, data with zeroes behind it.
struct Program {
    std::vector<std::uint8_t> header = std::vector<std::uint8_t>(k_file_header_size);
    std::vector<ProgramHeader> table{
        {6, 4, 0x40, 0x40, 0, 5 * 56, 5 * 56, 8},
        {3, 4, 0x200, 0x200, 0, 28, 28, 1},
        {1, 4, 0, 0, 0, 0x600, 0x600, 0x1000},
        {1, 5, 0x1000, 0x1000, 0, 0x800, 0x800, 0x1000},
        {1, 6, 0x1e00, 0x2e00, 0, 0x300, 0x2000, 0x1000},
    };
    std::uint64_t file_size = k_file_size;

    Program() {
        const std::uint8_t start[] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
        std::memcpy(header.data(), start, sizeof start);
        put<std::uint16_t>(16, 3);
        put<std::uint16_t>(18, 62);
        put<std::uint32_t>(20, 1);
        put<std::uint64_t>(24, 0x1010);
        put<std::uint64_t>(32, 0x40);
        put<std::uint16_t>(54, 56);
        put<std::uint16_t>(56, 5);
    }
    template <typename T>
    void put(std::size_t offset, T value) {
        std::memcpy(header.data() + offset, &value, sizeof value);
    }
    Bytes table_bytes() const {
        return {reinterpret_cast<const std::uint8_t*>(table.data()), table.size() * 56};
    }
};

struct Verdict {
    Problem problem = nullptr;
    FileHeader header;
    Layout layout;
    bool says(const std::string& words) const {
        return problem != nullptr && std::string(problem).find(words) != std::string::npos;
    }
};

Verdict judge(const Program& program) {
    Verdict out;
    out.problem = read_file_header({program.header.data(), program.header.size()}, out.header);
    if (out.problem == nullptr)
        out.problem = read_layout(out.header, program.table_bytes(), program.file_size, out.layout);
    return out;
}

Verdict judge_with(const std::function<void(Program&)>& change) {
    Program program;
    change(program);
    return judge(program);
}

} // namespace

TEST_CASE("a program's segments, interpreter and headers are found") {
    const Verdict verdict = judge(Program());
    REQUIRE(verdict.problem == nullptr);
    CHECK(verdict.header.position_independent);
    CHECK(verdict.header.entry == 0x1010);
    const Layout& layout = verdict.layout;
    REQUIRE(layout.segments.size() == 3);
    CHECK(layout.start() == 0);
    CHECK(layout.end() == 0x5000);
    CHECK(layout.segments[2].start() == 0x2000);
    CHECK(layout.segments[2].file_end() == 0x4000);
    CHECK(layout.program_headers == 0x40);
    CHECK(layout.interpreter == 0x200);
    CHECK(layout.interpreter_size == 28);
    CHECK(layout.alignment == 0x1000);
}

TEST_CASE("a program at fixed addresses is told from one that may lie anywhere") {
    const Verdict verdict = judge_with([](Program& p) { p.put<std::uint16_t>(16, 2); });
    REQUIRE(verdict.problem == nullptr);
    CHECK_FALSE(verdict.header.position_independent);
}

TEST_CASE("what is no program for this machine is refused") {
    CHECK(judge_with([](Program& p) { p.header.clear(); }).says("empty"));
    CHECK(judge_with([](Program& p) { p.header.resize(63); }).says("shorter"));
    CHECK(judge_with([](Program& p) { p.header[0] = '#'; }).says("no ELF file for x86-64"));
    CHECK(judge_with([](Program& p) { p.header[4] = 1; }).says("no ELF file for x86-64"));
    CHECK(judge_with([](Program& p) { p.put<std::uint16_t>(18, 183); }).says("x86-64"));
    CHECK(judge_with([](Program& p) { p.put<std::uint16_t>(16, 4); }).says("neither a program"));
    CHECK(judge_with([](Program& p) { p.put<std::uint16_t>(54, 32); }).says("make no sense"));
    CHECK(judge_with([](Program& p) { p.put<std::uint16_t>(56, 0); }).says("make no sense"));
    CHECK(judge_with([](Program& p) { p.put<std::uint16_t>(56, 129); }).says("make no sense"));
}

TEST_CASE("a file that ends before its segments do is called shorter than its headers say") {
    for (std::uint64_t size = 0; size < 0x2100; size += 0x100)
        CHECK(judge_with([size](Program& p) { p.file_size = size; }).says("shorter"));
    CHECK(judge_with([](Program& p) { p.file_size = 0x2100; }).problem == nullptr);
    CHECK(judge_with([](Program& p) { p.table.pop_back(); }).says("shorter"));
    CHECK(judge_with([](Program& p) { p.table[3].offset = UINT64_MAX - 0xfff; }).says("shorter"));
}

TEST_CASE("segments that cannot be mapped are refused") {
    CHECK(judge_with([](Program& p) { p.table[3].memory_size = 0x100; }).says("cannot be mapped"));
    CHECK(judge_with([](Program& p) { p.table[3].address = 0x1008; }).says("cannot be mapped"));
    CHECK(judge_with([](Program& p) {
              p.table[4].memory_size = UINT64_MAX;
          }).says("cannot be mapped"));
    CHECK(judge_with([](Program& p) {
              p.table[4].address = 0xffffffff80000e00;
          }).says("cannot be mapped"));
    CHECK(judge_with([](Program& p) { p.table[4].address = 0x1e00; }).says("overlap"));
    CHECK(judge_with([](Program& p) { std::swap(p.table[2], p.table[3]); }).says("overlap"));
    CHECK(judge_with([](Program& p) { p.table[3].alignment = 0x3000; }).says("power of two"));
    CHECK(judge_with([](Program& p) { p.table[3].alignment = 1ULL << 40; }).says("too large"));
}

TEST_CASE("an entry without code and an interpreter without a name are refused") {
    CHECK(judge_with([](Program& p) { p.put<std::uint64_t>(24, 0x10); }).says("no code"));
    CHECK(judge_with([](Program& p) { p.put<std::uint64_t>(24, 0x1800); }).says("no code"));
    CHECK(judge_with([](Program& p) { p.table.at(3).type = 0; }).says("no code"));
    CHECK(judge_with([](Program& p) { p.table[1].file_size = 1; }).says("no name"));
    CHECK(judge_with([](Program& p) { p.table[1].file_size = 5000; }).says("no name"));
}

TEST_CASE("program headers that are not loaded are not told") {
    const Verdict verdict = judge_with([](Program& p) {
        p.table[2].address = 0x600;
        p.table[2].offset = 0x600;
        p.table[2].file_size = p.table[2].memory_size = 0x100;
    });
    REQUIRE(verdict.problem == nullptr);
    CHECK(verdict.layout.program_headers == 0);
}

TEST_CASE("whatever stands in the headers, the segments that come out can be mapped in order") {
    std::mt19937_64 random(4);
    constexpr std::uint64_t k_values[] = {
        0,           1,          0x1000,         0x1fff,
        0x80000000,  1ULL << 47, UINT64_MAX,     UINT64_MAX - 0xfff,
        k_file_size, 1ULL << 63, 0x7fffffffffff, 0x40};
    unsigned accepted = 0;
    for (unsigned round = 0; round < 20000; ++round) {
        Program program;
        for (unsigned i = 0; i < 1 + round % 3; ++i) {
            auto* bytes = reinterpret_cast<std::uint8_t*>(program.table.data());
            const std::size_t word = random() % (program.table.size() * 7);
            const std::uint64_t value = k_values[random() % std::size(k_values)];
            std::memcpy(bytes + word * 8, &value, sizeof value);
        }
        const Verdict verdict = judge(program);
        if (verdict.problem != nullptr)
            continue;
        ++accepted;
        std::uint64_t end = 0;
        for (const Segment& segment : verdict.layout.segments.span()) {
            REQUIRE(segment.start() >= end);
            REQUIRE(segment.end() >= segment.file_end());
            REQUIRE(segment.end() <= 1ULL << 48);
            REQUIRE(segment.offset + segment.file_size <= k_file_size);
            end = segment.end();
        }
        REQUIRE(end > 0);
    }
    CHECK(accepted > 1000);
}
