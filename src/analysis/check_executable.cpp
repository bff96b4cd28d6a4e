#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>

#include <analysis/analysis.hpp>
#include <elf/layout.hpp>
#include <fmt/format.h>

namespace unik::analysis {
namespace {

// Programs live in the lower half of the address space, above the page that null points into.
constexpr std::uint64_t k_lowest_address = 0x1000;
constexpr std::uint64_t k_highest_address = 0x7fff'ffff'f000;

Error not_executable(const std::string& name, const std::string& what, std::string hint) {
    return make_error("not-an-executable",
                      fmt::format("'{}' is {}; expected an ELF executable for x86-64", name, what),
                      std::move(hint));
}

Error not_elf(const toolchain::Application& application, const std::string& name) {
    const ByteVector& bytes = application.executable;
    if (bytes.empty())
        return not_executable(name, "empty", "check what the build wrote there");
    if (bytes.size() >= 2 && std::memcmp(bytes.data(), "#!", 2) == 0)
        return not_executable(name, "a script",
                              "name the compiled program in 'build: {output: …}'");
    return not_executable(name, "no ELF file", "name the compiled program in 'build: {output: …}'");
}

std::string machine_name(std::uint16_t machine) {
    struct Machine {
        std::uint16_t number;
        const char* name;
    };
    constexpr Machine k_machines[] = {{3, "32-bit x86"}, {40, "32-bit Arm"},   {183, "64-bit Arm"},
                                      {243, "RISC-V"},   {21, "64-bit POWER"}, {22, "IBM Z"},
                                      {8, "MIPS"},       {258, "LoongArch"}};
    for (const Machine& known : k_machines)
        if (known.number == machine)
            return known.name;
    return fmt::format("machine {}", machine);
}

Result<void> check_kind(const elf::ElfFile& file) {
    if (file.machine() != elf::k_machine_x86_64)
        return make_error("foreign-architecture",
                          fmt::format("'{}' is built for {}; expected x86-64", file.name(),
                                      machine_name(file.machine())),
                          "build the program for x86-64");
    if (file.type() == elf::FileType::relocatable)
        return not_executable(file.name(), "an object file, not yet linked",
                              "link it: leave out -c");
    if (file.type() != elf::FileType::executable && file.type() != elf::FileType::shared)
        return not_executable(file.name(), "another kind of ELF file",
                              "name the compiled program in 'build: {output: …}'");
    return {};
}

Result<void> check_rights(const elf::ElfFile& file, const elf::Segment& segment) {
    const std::uint32_t both = elf::k_flag_write | elf::k_flag_execute;
    if ((segment.flags & both) == both)
        return make_error("wx-segment",
                          fmt::format("'{}' has a segment at {:#x} that is writable and "
                                      "executable; expected one or the other",
                                      file.name(), segment.address),
                          "link without -N (--omagic) and without sections of mixed use");
    return {};
}

Result<void> check_segment(const elf::ElfFile& file, const elf::Segment& segment) {
    UNIK_TRY(check_rights(file, segment));
    // A position-independent program starts at 0 and gets its place from the kernel.
    const std::uint64_t lowest = file.type() == elf::FileType::shared ? 0 : k_lowest_address;
    if (segment.address < lowest || segment.address > k_highest_address ||
        segment.memory_size > k_highest_address - segment.address)
        return make_error("segment-out-of-range",
                          fmt::format("'{}' has a segment at {:#x}, {:#x} bytes long; expected it "
                                      "between {:#x} and {:#x}",
                                      file.name(), segment.address, segment.memory_size, lowest,
                                      k_highest_address),
                          "link it at the linker's default address");
    if (segment.alignment > 1 &&
        segment.address % segment.alignment != segment.offset % segment.alignment)
        return make_error("corrupt-elf",
                          fmt::format("'{}' is a damaged ELF file: the segment at {:#x} and its "
                                      "bytes are aligned differently",
                                      file.name(), segment.address),
                          "build or copy the file again");
    return {};
}

Result<void> check_segments(const elf::ElfFile& file) {
    const elf::Segment* before = nullptr;
    bool entry_found = false;
    for (const elf::Segment& segment : file.segments()) {
        if (segment.type != elf::k_segment_load || segment.memory_size == 0)
            continue;
        UNIK_TRY(check_segment(file, segment));
        if (before != nullptr && segment.address < before->address + before->memory_size)
            return make_error("corrupt-elf",
                              fmt::format("'{}' is a damaged ELF file: its segments overlap at "
                                          "{:#x}, or are not in ascending order",
                                          file.name(), segment.address),
                              "build or copy the file again");
        before = &segment;
        entry_found |= (segment.flags & elf::k_flag_execute) != 0 &&
                       file.entry() >= segment.address &&
                       file.entry() - segment.address < segment.memory_size;
    }
    if (!entry_found)
        return not_executable(file.name(), "without code at its entry point",
                              file.type() == elf::FileType::shared
                                  ? "this looks like a shared library: name the program instead"
                                  : "link it as a program, with a _start");
    return {};
}

// glibc's loader makes the stack executable for a library that asks for it, and fails.
Result<void> check_stack(const elf::ElfFile& file, const elf::Segment& segment) {
    if ((segment.flags & elf::k_flag_execute) == 0)
        return {};
    return make_error(
        "executable-stack",
        fmt::format("'{}' asks for an executable stack, which it cannot have", file.name()),
        "link it with -z noexecstack; assembly files need the section "
        "'.note.GNU-stack'");
}

bool is_elf(const std::filesystem::path& path) {
    std::array<char, sizeof elf::k_magic> magic{};
    std::ifstream(path, std::ios::binary).read(magic.data(), magic.size());
    return std::memcmp(magic.data(), elf::k_magic, sizeof elf::k_magic) == 0;
}

Result<void> check_library(const elf::ElfFile& file) {
    if (file.machine() != elf::k_machine_x86_64 || file.type() != elf::FileType::shared)
        return {};
    for (const elf::Segment& segment : file.segments()) {
        if (segment.type == elf::k_segment_load)
            UNIK_TRY(check_rights(file, segment));
        if (segment.type == elf::k_segment_stack)
            UNIK_TRY(check_stack(file, segment));
    }
    return {};
}

} // namespace

Result<void> check_libraries(const toolchain::Application& application) {
    const std::vector<std::string>& allowed = application.manifest.allow;
    if (std::find(allowed.begin(), allowed.end(), "jit") != allowed.end())
        return {};
    constexpr Bytes k_most_bytes{1ULL << 30};
    for (const toolchain::CollectedFile& file : application.files) {
        if (file.kind != toolchain::CollectedFile::Kind::regular || !is_elf(file.source))
            continue;
        const auto parsed = elf::ElfFile::parse(UNIK_TRY(read_file(file.source, k_most_bytes)),
                                                file.source.string());
        // What is damaged was looked at where it counts: by who needs it.
        if (parsed.ok())
            UNIK_TRY(check_library(*parsed));
    }
    return {};
}

Result<elf::ElfFile> check_executable(const toolchain::Application& application) {
    const std::string name = application.executable_path.string();
    auto parsed = elf::ElfFile::parse(application.executable, name);
    if (!parsed.ok()) {
        if (parsed.error().diagnostics.at(0).id == "not-an-elf")
            return not_elf(application, name);
        return parsed;
    }
    UNIK_TRY(check_kind(*parsed));
    UNIK_TRY(check_segments(*parsed));
    return parsed;
}

} // namespace unik::analysis
