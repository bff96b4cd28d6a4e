// A bounded reader of ELF files (System V ABI, chapter 4 and 5; x86-64 psABI). Hostile input is an
// Error, never a read outside the file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <support/file.hpp>
#include <support/result.hpp>

namespace unik::elf {

enum class FileType : std::uint16_t { relocatable = 1, executable = 2, shared = 3 };

struct Segment { // one program header
    std::uint32_t type = 0;
    std::uint32_t flags = 0; // PF_X 1, PF_W 2, PF_R 4
    std::uint64_t offset = 0;
    std::uint64_t address = 0;
    std::uint64_t physical_address = 0;
    std::uint64_t file_size = 0;
    std::uint64_t memory_size = 0;
    std::uint64_t alignment = 0;
};

struct Section {
    std::string name;
    std::uint32_t type = 0;
    std::uint64_t flags = 0;
    std::uint64_t address = 0;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    std::uint32_t link = 0;
    std::uint64_t entry_size = 0;
};

struct Symbol {
    std::string name;
    std::uint64_t address = 0;
    std::uint64_t size = 0;
    std::uint8_t type = 0; // STT_FUNC 2, STT_OBJECT 1
    std::uint8_t binding = 0;
    std::uint16_t section = 0;
};

class ElfFile {
public:
    // Takes the bytes over. Checks every header against the file's size.
    static Result<ElfFile> parse(ByteVector bytes, std::string name);

    const std::string& name() const { return name_; }
    FileType type() const { return type_; }
    std::uint16_t machine() const { return machine_; } // EM_X86_64 is 62
    std::uint64_t entry() const { return entry_; }
    std::uint64_t program_header_offset() const { return program_header_offset_; }
    const std::vector<Segment>& segments() const { return segments_; }
    const std::vector<Section>& sections() const { return sections_; } // may be empty (stripped)
    const std::vector<Symbol>& symbols() const { return symbols_; }    // .symtab, sorted by address
    bool has_interpreter() const { return !interpreter_.empty(); }
    const std::string& interpreter() const { return interpreter_; } // PT_INTERP
    ByteSpan bytes() const { return bytes_; }
    ByteSpan content(const Segment& segment) const; // the file's part of it
    ByteSpan content(const Section& section) const; // empty for SHT_NOBITS
    // The file's bytes from a virtual address to the end of its PT_LOAD segment's file part.
    ByteSpan content_at(std::uint64_t address) const;
    const Section* find_section(std::string_view name) const;

private:
    std::string name_;
    ByteVector bytes_;
    FileType type_{};
    std::uint16_t machine_ = 0;
    std::uint64_t entry_ = 0;
    std::uint64_t program_header_offset_ = 0;
    std::vector<Segment> segments_;
    std::vector<Section> sections_;
    std::vector<Symbol> symbols_;
    std::string interpreter_;
};

} // namespace unik::elf
