// A forward data-flow analysis over the function's basic blocks, to the fixed point: states only
// lose knowledge, so it ends; a limit on the visits of each block guards against what one did not
// think of. Blocks that nothing seems to lead to (exception handlers, say) start from nothing
// known.
#include <analysis/function_flow.hpp>

#include <analysis/transfer.hpp>

namespace unik::analysis {
namespace {

constexpr unsigned k_most_visits = 64;

bool ends_block(Flow flow) {
    return flow == Flow::jump || flow == Flow::branch || flow == Flow::indirect_jump ||
           flow == Flow::leave || flow == Flow::trap;
}

} // namespace

FunctionFlow::FunctionFlow(const Functions& functions, std::size_t function)
    : functions_(functions), first_(functions.all()[function].first),
      last_(functions.all()[function].last) {
    if (first_ == last_)
        return;
    find_blocks(function);
    enter(first_, State::at_entry());
    for (const Entrance* entrance : functions.entrances(function))
        if (entrance->target != functions.all()[function].start)
            if (const auto index = functions.code().find(entrance->target))
                enter(*index, State::of_nothing());
    flow();
    for (const auto& [start, block] : blocks_) {
        if (block.in || only_padding(start))
            continue;
        enter(start, State::of_nothing());
        flow();
    }
}

// The filling between blocks is never run, and must not spoil the block behind it.
bool FunctionFlow::only_padding(std::size_t block) const {
    const auto next = blocks_.upper_bound(block);
    const std::size_t end = next == blocks_.end() ? last_ : next->first;
    for (std::size_t i = block; i < end; ++i)
        if (functions_.code().instructions()[i].flow != Flow::padding)
            return false;
    return true;
}

void FunctionFlow::find_blocks(std::size_t function) {
    const Code& code = functions_.code();
    const auto begin_at = [&](std::uint64_t address) {
        const auto index = code.find(address);
        if (!index || *index < first_ || *index >= last_)
            return;
        blocks_[*index];
    };
    blocks_[first_];
    for (std::size_t i = first_; i < last_; ++i) {
        const Instruction& instruction = code.instructions()[i];
        if (instruction.target != 0 && instruction.flow != Flow::call)
            begin_at(instruction.target);
        if ((ends_block(instruction.flow) || functions_.ends_in_call(instruction)) && i + 1 < last_)
            blocks_[i + 1];
    }
    for (const Entrance* entrance : functions_.entrances(function))
        begin_at(entrance->target);
    for (const std::uint64_t target : functions_.table_targets(function)) {
        begin_at(target);
        if (const auto index = code.find(target); index && *index >= first_ && *index < last_)
            table_targets_.push_back(*index);
    }
}

void FunctionFlow::enter(std::size_t instruction, const State& state) {
    const auto found = blocks_.find(instruction);
    if (found == blocks_.end())
        return;
    Block& block = found->second;
    bool changed = true;
    if (block.in)
        changed = block.in->join(state);
    else
        block.in = state;
    if (block.visits == k_most_visits)
        block.in = State::of_nothing();
    if (!changed || block.waiting || block.visits > k_most_visits)
        return;
    block.waiting = true;
    waiting_.push_back(instruction);
}

void FunctionFlow::leave_block(std::size_t start, std::size_t last, const State& state) {
    const Code& code = functions_.code();
    const Instruction& instruction = code.instructions()[last];
    State taken = state;
    State not_taken = state;
    if (instruction.flow == Flow::branch && last > start)
        if (const auto lesson =
                learn(code.bytes_of(code.instructions()[last - 1]), code.bytes_of(instruction)))
            (lesson->when_taken ? taken : not_taken)[lesson->reg] = lesson->value;
    const bool jumps = instruction.flow == Flow::jump || instruction.flow == Flow::branch;
    if (jumps && instruction.target != 0)
        if (const auto target = code.find(instruction.target))
            enter(*target, taken);
    if (instruction.flow == Flow::indirect_jump)
        for (const std::size_t target : table_targets_)
            enter(target, state);
    const bool ends = ends_block(instruction.flow) || functions_.ends_in_call(instruction);
    if (!ends || instruction.flow == Flow::branch)
        enter(last + 1, not_taken);
}

void FunctionFlow::flow() {
    const Code& code = functions_.code();
    while (!waiting_.empty()) {
        const std::size_t start = waiting_.back();
        waiting_.pop_back();
        const auto block = blocks_.find(start);
        block->second.waiting = false;
        ++block->second.visits;
        const auto next = std::next(block);
        const std::size_t end = next == blocks_.end() ? last_ : next->first;
        State state = *block->second.in;
        for (std::size_t i = start; i < end; ++i)
            apply(state, code.bytes_of(code.instructions()[i]), code.instructions()[i].address);
        leave_block(start, end - 1, state);
    }
}

State FunctionFlow::before(std::size_t instruction) const {
    auto block = blocks_.upper_bound(instruction);
    if (block == blocks_.begin() || instruction >= last_)
        return State::of_nothing();
    --block;
    State state = block->second.in ? *block->second.in : State::of_nothing();
    const Code& code = functions_.code();
    for (std::size_t i = block->first; i < instruction; ++i)
        apply(state, code.bytes_of(code.instructions()[i]), code.instructions()[i].address);
    return state;
}

State FunctionFlow::after(std::size_t instruction) const {
    State state = before(instruction);
    const Code& code = functions_.code();
    apply(state, code.bytes_of(code.instructions()[instruction]),
          code.instructions()[instruction].address);
    return state;
}

} // namespace unik::analysis
