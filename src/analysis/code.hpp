// A program's machine code as a list of instructions, with what the analysis asks of each: where it
// goes, and which addresses it mentions. Operands are decoded again where they are needed.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <elf/elf_file.hpp>

namespace unik::analysis {

enum class Flow : std::uint8_t {
    next,          // goes on to the next instruction
    call,          // direct call of `target`
    jump,          // direct jump to `target`
    branch,        // conditional jump to `target`, or next
    indirect_jump, // through a register or memory
    leave,         // return
    trap,          // does not go on
    padding,       // nop, int3
    syscall,
};

struct Instruction {
    std::uint64_t address = 0;
    std::uint64_t target = 0; // of call, jump and branch; 0 when it lies outside the code
    std::uint8_t length = 0;
    Flow flow = Flow::next;
    std::uint64_t next() const { return address + length; }
};

// An instruction mentions an address inside the program.
struct Reference {
    enum class Kind : std::uint8_t {
        computed,  // lea
        immediate, // a number that happens to be, or is, an address
        memory,    // of an operand in memory
    };
    std::uint64_t from = 0; // the instruction
    std::uint64_t to = 0;
    Kind kind = Kind::computed;
};

// A part of the program's memory image.
struct Region {
    std::uint64_t address = 0;
    ByteSpan bytes;
    std::uint64_t end() const { return address + bytes.size(); }
};

class Code {
public:
    // Decodes from start to end of each executable region; where a byte is no instruction it moves
    // on by one, and at each of `starts` (sorted) it begins afresh.
    static Code decode(const elf::ElfFile& file, const std::vector<std::uint64_t>& starts);

    const std::vector<Instruction>& instructions() const { return instructions_; } // by address
    const std::vector<Reference>& references() const { return references_; }       // by `from`
    const std::vector<Region>& text() const { return text_; }
    const std::vector<Region>& data() const { return data_; } // what is loaded and not text

    bool in_text(std::uint64_t address) const;
    // The index of the instruction that begins at this address.
    std::optional<std::size_t> find(std::uint64_t address) const;
    // The index of the first instruction at or after this address.
    std::size_t lower_bound(std::uint64_t address) const;
    ByteSpan bytes_of(const Instruction& instruction) const;
    // Loaded bytes that are not text, from this address on; empty when there are none.
    ByteSpan data_at(std::uint64_t address) const;

private:
    void decode_region(const Region& region, const std::vector<std::uint64_t>& starts);

    std::vector<Region> text_;
    std::vector<Region> data_;
    std::vector<Instruction> instructions_;
    std::vector<Reference> references_;
};

} // namespace unik::analysis
