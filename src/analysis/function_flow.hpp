// The values that registers and stack words may have at each point of one function.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include <analysis/functions.hpp>
#include <analysis/value.hpp>

namespace unik::analysis {

class FunctionFlow {
public:
    FunctionFlow(const Functions& functions, std::size_t function);

    // Before the instruction with this index (of the function).
    State before(std::size_t instruction) const;
    State after(std::size_t instruction) const;

private:
    void find_blocks(std::size_t function);
    bool only_padding(std::size_t block) const;
    void flow();
    void leave_block(std::size_t start, std::size_t last, const State& state);
    void enter(std::size_t instruction, const State& state);

    const Functions& functions_;
    std::size_t first_;
    std::size_t last_;
    std::vector<std::size_t> table_targets_;
    struct Block {
        std::optional<State> in;
        unsigned visits = 0;
        bool waiting = false;
    };
    std::map<std::size_t, Block> blocks_; // by first instruction
    std::vector<std::size_t> waiting_;
};

} // namespace unik::analysis
