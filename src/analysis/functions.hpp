// The program's functions, who goes where, and which of them can run at all.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <analysis/code.hpp>
#include <elf/elf_file.hpp>

namespace unik::analysis {

// The instructions from one function's start to the next one's.
struct Function {
    std::uint64_t start = 0;
    std::size_t first = 0; // indices into Code::instructions()
    std::size_t last = 0;  // one past the end
    std::string name;      // its symbol, may be empty
    bool returns = false;
    bool reachable = false;
    bool address_taken = false; // by code or data that can run or be read
};

// A way into a function from outside: a call, a tail jump, or running into it from the function
// before.
struct Entrance {
    enum class Kind : std::uint8_t { call, jump, fall };
    std::size_t from = 0;        // function
    std::size_t instruction = 0; // index of the call or jump, or of the last instruction
    std::size_t to = 0;          // function
    std::uint64_t target = 0;    // address, not always the function's start
    Kind kind = Kind::call;
};

class Functions {
public:
    static Functions find(const elf::ElfFile& file);

    const Code& code() const { return code_; }
    const std::vector<Function>& all() const { return functions_; } // by address
    // The entrances of reachable functions into this one.
    std::vector<const Entrance*> entrances(std::size_t function) const;
    // Where the jump tables that this function mentions lead to, inside the function.
    std::vector<std::uint64_t> table_targets(std::size_t function) const;
    // The index of the function around an address; the number of functions when there is none.
    std::size_t around(std::uint64_t address) const;

    // A call of a function that does not return.
    bool ends_in_call(const Instruction& instruction) const;

private:
    explicit Functions(Code code) : code_(std::move(code)) {}
    void make_functions(std::vector<std::uint64_t> starts, const elf::ElfFile& file);
    void find_entrances();
    void find_returning();
    void mark_reachable(std::uint64_t entry);
    std::vector<std::size_t> mentioned_by(std::size_t function);
    std::vector<std::size_t> mentioned_by_data();
    std::vector<std::uint64_t> tables_of(std::size_t function) const;
    bool runs_on(const Function& function) const;

    Code code_;
    std::vector<Function> functions_;
    std::vector<Entrance> entrances_;              // by `from`
    std::vector<std::vector<std::size_t>> into_;   // indices into entrances_, by `to`
    std::vector<std::vector<std::size_t>> out_of_; // by `from`
};

} // namespace unik::analysis
