#include <doctest/doctest.h>

#include <cstring>

#include <analysis/analysis.hpp>
#include <elf/layout.hpp>
#include <support/process.hpp>

using namespace unik;

namespace {

struct Program {
    elf::FileHeader header{};
    std::vector<elf::ProgramHeader> segments;
    std::string interpreter;

    Program() {
        std::memcpy(header.identification, elf::k_magic, sizeof(elf::k_magic));
        header.identification[4] = elf::k_class_64;
        header.identification[5] = elf::k_little_endian;
        header.identification[6] = elf::k_version_current;
        header.type = 2;
        header.machine = elf::k_machine_x86_64;
        header.version = 1;
        header.entry = 0x401000;
        header.program_header_offset = sizeof(elf::FileHeader);
        header.program_header_size = sizeof(elf::ProgramHeader);
        segments = {{elf::k_segment_load, 5, 0, 0x401000, 0x401000, 0x1000, 0x1000, 0x1000},
                    {elf::k_segment_load, 6, 0, 0x402000, 0x402000, 0x1000, 0x2000, 0x1000}};
    }

    ByteVector bytes() {
        ByteVector out(0x1000);
        header.program_header_count = static_cast<std::uint16_t>(segments.size());
        std::memcpy(out.data(), &header, sizeof(header));
        std::memcpy(out.data() + sizeof(header), segments.data(),
                    segments.size() * sizeof(elf::ProgramHeader));
        std::memcpy(out.data() + 0x800, interpreter.c_str(), interpreter.size() + 1);
        return out;
    }
};

std::string verdict(ByteVector bytes) {
    toolchain::Application application;
    application.executable_path = "/project/app";
    application.executable = std::move(bytes);
    const auto checked = analysis::check_executable(application);
    if (checked.ok())
        return "ok";
    CHECK(checked.error().exit_code == ExitCode::failure);
    CHECK_FALSE(checked.error().diagnostics.at(0).hint.empty());
    CHECK(checked.error().diagnostics.at(0).message.find("/project/app") != std::string::npos);
    return checked.error().diagnostics.at(0).id;
}

template <typename F>
std::string verdict_with(F&& change) {
    Program program;
    change(program);
    return verdict(program.bytes());
}

ByteVector text(std::string_view words) {
    return ByteVector(words.begin(), words.end());
}

} // namespace

TEST_CASE("a static executable is accepted") {
    CHECK(verdict(Program().bytes()) == "ok");
}

TEST_CASE("what is no executable is refused") {
    CHECK(verdict({}) == "not-an-executable");
    CHECK(verdict(text("#!/bin/sh\necho hello\n")) == "not-an-executable");
    CHECK(verdict(text("hello")) == "not-an-executable");
    CHECK(verdict_with([](Program& p) { p.header.type = 1; }) == "not-an-executable");
    CHECK(verdict_with([](Program& p) { p.header.type = 4; }) == "not-an-executable");
    CHECK(verdict_with([](Program& p) { p.header.entry = 0x900000; }) == "not-an-executable");
    CHECK(verdict_with([](Program& p) { p.segments.clear(); }) == "not-an-executable");
}

TEST_CASE("programs of other architectures are refused") {
    CHECK(verdict_with([](Program& p) { p.header.machine = 183; }) == "foreign-architecture");
    CHECK(verdict_with([](Program& p) { p.header.identification[4] = 1; }) ==
          "foreign-architecture");
}

TEST_CASE("a dynamic executable is accepted") {
    CHECK(verdict_with([](Program& p) {
              p.interpreter = "/lib64/ld-linux-x86-64.so.2";
              p.segments.push_back({elf::k_segment_interpreter, 4, 0x800, 0, 0, 0x40, 0x40, 1});
          }) == "ok");
}

TEST_CASE("segments that the kernel cannot map are refused") {
    CHECK(verdict_with([](Program& p) { p.segments[1].flags = 7; }) == "wx-segment");
    CHECK(verdict_with([](Program& p) { p.segments[1].address = 0xffffffff80200000; }) ==
          "segment-out-of-range");
    CHECK(verdict_with([](Program& p) { p.segments[1].memory_size = 1ULL << 47; }) ==
          "segment-out-of-range");
    CHECK(verdict_with([](Program& p) { p.segments[0].address = 0; }) == "segment-out-of-range");
    CHECK(verdict_with([](Program& p) { p.segments[1].address = 0x401000; }) == "corrupt-elf");
    CHECK(verdict_with([](Program& p) { p.segments[1].address = 0x402010; }) == "corrupt-elf");
}

TEST_CASE("a file cut at any header is refused") {
    const ByteVector whole = Program().bytes();
    for (std::size_t size = 0; size < whole.size(); size += 3)
        CHECK(verdict(ByteVector(whole.begin(),
                                 whole.begin() + static_cast<std::ptrdiff_t>(size))) != "ok");
}
