// Where functions begin is known from symbols, from .eh_frame and from direct calls. What remains
// (stripped assembly, musl without unwind tables) is told by an address that somebody mentions or
// jumps to and that stands behind the end of other code.
//
// Which functions can run is a walk from the entry point along calls and jumps, jump tables, and
// mentions of a function's address, in code that runs and in all loaded data: relocations need no
// treatment of their own, since their addends are data too. This errs towards "can run".
#include <analysis/functions.hpp>

#include <algorithm>
#include <cstring>

#include <analysis/unwind_table.hpp>
#include <elf/layout.hpp>

namespace unik::analysis {
namespace {

constexpr std::size_t k_longest_table = 4096; // entries of a jump table

void sort_unique(std::vector<std::uint64_t>& values) {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
}

bool is_function(const elf::Symbol& symbol) {
    return (symbol.type == elf::k_symbol_function ||
            symbol.type == elf::k_symbol_indirect_function) &&
           symbol.section != elf::k_section_index_undefined;
}

// Functions whose extent is known: an address inside one is not the start of another.
std::vector<FunctionRange> known_ranges(const elf::ElfFile& file) {
    std::vector<FunctionRange> ranges = unwind_ranges(file);
    for (const elf::Symbol& symbol : file.symbols())
        if (is_function(symbol))
            ranges.push_back({symbol.address, symbol.size});
    std::sort(ranges.begin(), ranges.end(),
              [](const FunctionRange& a, const FunctionRange& b) { return a.start < b.start; });
    return ranges;
}

class Coverage {
public:
    explicit Coverage(std::vector<FunctionRange> ranges) : ranges_(std::move(ranges)) {
        std::uint64_t end = 0;
        for (const FunctionRange& range : ranges_) {
            end = std::max(end, range.start + range.size);
            ends_.push_back(end);
        }
    }
    bool holds(std::uint64_t address) const {
        const auto next = std::upper_bound(
            ranges_.begin(), ranges_.end(), address,
            [](std::uint64_t a, const FunctionRange& range) { return a < range.start; });
        const auto index = next - ranges_.begin();
        return index > 0 && address < ends_[static_cast<std::size_t>(index - 1)];
    }

private:
    std::vector<FunctionRange> ranges_;
    std::vector<std::uint64_t> ends_; // the furthest end so far
};

// Calls f with every pointer-sized, aligned word of the loaded data.
template <typename F>
void for_each_pointer(const Code& code, F&& f) {
    for (const Region& region : code.data()) {
        const std::size_t skip = static_cast<std::size_t>(-region.address & 7);
        for (std::size_t i = skip; i + 8 <= region.bytes.size(); i += 8) {
            std::uint64_t value = 0;
            std::memcpy(&value, region.bytes.data() + i, sizeof(value));
            f(value);
        }
    }
}

// Does other code end just before this instruction, so that a function may begin here?
bool stands_alone(const Code& code, std::size_t index) {
    if (index == 0)
        return true;
    const Instruction& before = code.instructions()[index - 1];
    return before.next() != code.instructions()[index].address || before.flow == Flow::leave ||
           before.flow == Flow::trap || before.flow == Flow::jump ||
           before.flow == Flow::indirect_jump || before.flow == Flow::padding;
}

std::vector<std::uint64_t> find_starts(const Code& code, const std::vector<FunctionRange>& known) {
    const Coverage coverage(known);
    std::vector<std::uint64_t> starts;
    for (const FunctionRange& range : known)
        starts.push_back(range.start);
    const auto consider = [&](std::uint64_t address) {
        if (!code.in_text(address) || coverage.holds(address))
            return;
        if (const auto index = code.find(address); index && stands_alone(code, *index))
            starts.push_back(address);
    };
    for (const Instruction& instruction : code.instructions())
        if (instruction.flow == Flow::call && code.find(instruction.target))
            starts.push_back(instruction.target);
    for (const Reference& reference : code.references())
        consider(reference.to);
    for_each_pointer(code, consider);
    sort_unique(starts);
    // A jump that leaves its function goes to the start of another one.
    const std::vector<std::uint64_t> certain = starts;
    auto next = certain.begin();
    for (const Instruction& instruction : code.instructions()) {
        while (next != certain.end() && *next <= instruction.address)
            ++next;
        const std::uint64_t begin = next == certain.begin() ? 0 : *std::prev(next);
        const bool leaves =
            instruction.target < begin || (next != certain.end() && instruction.target >= *next);
        if (instruction.flow == Flow::jump && instruction.target != 0 && leaves)
            consider(instruction.target);
    }
    sort_unique(starts);
    return starts;
}

} // namespace

Functions Functions::find(const elf::ElfFile& file) {
    const std::vector<FunctionRange> known = known_ranges(file);
    std::vector<std::uint64_t> starts{file.entry()};
    for (const FunctionRange& range : known)
        starts.push_back(range.start);
    sort_unique(starts);
    Functions functions(Code::decode(file, starts));
    starts = find_starts(functions.code_, known);
    starts.push_back(file.entry());
    sort_unique(starts);
    functions.make_functions(std::move(starts), file);
    functions.find_entrances();
    functions.find_returning();
    functions.mark_reachable(file.entry());
    return functions;
}

void Functions::make_functions(std::vector<std::uint64_t> starts, const elf::ElfFile& file) {
    for (const Region& region : code_.text())
        starts.push_back(region.address);
    sort_unique(starts);
    for (const std::uint64_t start : starts) {
        if (!code_.in_text(start))
            continue;
        Function function;
        function.start = start;
        function.first = code_.lower_bound(start);
        functions_.push_back(std::move(function));
    }
    for (std::size_t i = 0; i < functions_.size(); ++i)
        functions_[i].last =
            i + 1 < functions_.size() ? functions_[i + 1].first : code_.instructions().size();
    for (const elf::Symbol& symbol : file.symbols()) {
        const std::size_t index = is_function(symbol) ? around(symbol.address) : all().size();
        // Of several names the global one is what people know.
        if (index < functions_.size() && functions_[index].start == symbol.address &&
            (functions_[index].name.empty() || symbol.binding == elf::k_binding_global))
            functions_[index].name = symbol.name;
    }
}

std::size_t Functions::around(std::uint64_t address) const {
    const auto next = std::upper_bound(
        functions_.begin(), functions_.end(), address,
        [](std::uint64_t a, const Function& function) { return a < function.start; });
    if (next == functions_.begin() || !code_.in_text(address))
        return functions_.size();
    return static_cast<std::size_t>(next - functions_.begin()) - 1;
}

// Does control run past the function's last instruction? A call there does not return.
bool Functions::runs_on(const Function& function) const {
    for (std::size_t i = function.last; i > function.first; --i) {
        switch (code_.instructions()[i - 1].flow) {
        case Flow::padding: break;
        case Flow::call:
        case Flow::leave:
        case Flow::trap:
        case Flow::jump:
        case Flow::indirect_jump: return false;
        default: return true;
        }
    }
    return false;
}

void Functions::find_entrances() {
    into_.resize(functions_.size());
    out_of_.resize(functions_.size());
    const auto add = [&](Entrance entrance) {
        into_[entrance.to].push_back(entrances_.size());
        out_of_[entrance.from].push_back(entrances_.size());
        entrances_.push_back(entrance);
    };
    for (std::size_t f = 0; f < functions_.size(); ++f) {
        const Function& function = functions_[f];
        for (std::size_t i = function.first; i < function.last; ++i) {
            const Instruction& instruction = code_.instructions()[i];
            if (instruction.target == 0)
                continue;
            const std::size_t to = around(instruction.target);
            const bool call = instruction.flow == Flow::call;
            if (to < functions_.size() && (to != f || call))
                add({f, i, to, instruction.target,
                     call ? Entrance::Kind::call : Entrance::Kind::jump});
        }
        if (f + 1 < functions_.size() && runs_on(function))
            add({f, function.last - 1, f + 1, functions_[f + 1].start, Entrance::Kind::fall});
    }
}

// A function returns when it has a return instruction, jumps somewhere that we do not see, or goes
// over into a function that returns.
void Functions::find_returning() {
    std::vector<std::size_t> waiting;
    for (std::size_t f = 0; f < functions_.size(); ++f) {
        for (std::size_t i = functions_[f].first; i < functions_[f].last; ++i) {
            const Instruction& instruction = code_.instructions()[i];
            functions_[f].returns |= instruction.flow == Flow::leave ||
                                     instruction.flow == Flow::indirect_jump ||
                                     (instruction.flow == Flow::jump && instruction.target == 0);
        }
        if (functions_[f].returns)
            waiting.push_back(f);
    }
    while (!waiting.empty()) {
        const std::size_t f = waiting.back();
        waiting.pop_back();
        for (const std::size_t e : into_[f]) {
            Function& from = functions_[entrances_[e].from];
            if (entrances_[e].kind == Entrance::Kind::call || from.returns)
                continue;
            from.returns = true;
            waiting.push_back(entrances_[e].from);
        }
    }
}

bool Functions::ends_in_call(const Instruction& instruction) const {
    if (instruction.flow != Flow::call || instruction.target == 0)
        return false;
    const std::size_t callee = around(instruction.target);
    return callee < functions_.size() && !functions_[callee].returns;
}

// Jump tables are arrays of addresses, or of 32-bit offsets from the table's own start; a table
// ends where a word leads out of the code. Reading other data as a table finds next to nothing.
std::vector<std::uint64_t> Functions::tables_of(std::size_t function) const {
    std::vector<std::uint64_t> targets;
    const Function& f = functions_[function];
    bool jumps = false;
    for (std::size_t i = f.first; i < f.last && !jumps; ++i)
        jumps = code_.instructions()[i].flow == Flow::indirect_jump;
    if (!jumps || f.first == f.last)
        return targets;
    const std::uint64_t end = code_.instructions()[f.last - 1].next();
    auto reference = std::lower_bound(
        code_.references().begin(), code_.references().end(), f.start,
        [](const Reference& r, std::uint64_t address) { return r.from < address; });
    for (; reference != code_.references().end() && reference->from < end; ++reference) {
        const ByteSpan table = code_.data_at(reference->to);
        for (std::size_t i = 0; i < k_longest_table && (i + 1) * 4 <= table.size(); ++i) {
            std::int32_t offset = 0;
            std::memcpy(&offset, table.data() + i * 4, sizeof(offset));
            const std::uint64_t target =
                reference->to + static_cast<std::uint64_t>(static_cast<std::int64_t>(offset));
            if (!code_.in_text(target))
                break;
            targets.push_back(target);
        }
        for (std::size_t i = 0; i < k_longest_table && (i + 1) * 8 <= table.size(); ++i) {
            std::uint64_t target = 0;
            std::memcpy(&target, table.data() + i * 8, sizeof(target));
            if (!code_.in_text(target))
                break;
            targets.push_back(target);
        }
    }
    sort_unique(targets);
    return targets;
}

std::vector<std::uint64_t> Functions::table_targets(std::size_t function) const {
    std::vector<std::uint64_t> targets = tables_of(function);
    std::erase_if(targets, [&](std::uint64_t target) { return around(target) != function; });
    return targets;
}

// Functions whose address the code of this one mentions, or its jump tables reach.
std::vector<std::size_t> Functions::mentioned_by(std::size_t function) {
    std::vector<std::size_t> found;
    const Function& f = functions_[function];
    if (f.first == f.last)
        return found;
    const std::uint64_t end = code_.instructions()[f.last - 1].next();
    auto reference = std::lower_bound(
        code_.references().begin(), code_.references().end(), f.start,
        [](const Reference& r, std::uint64_t address) { return r.from < address; });
    for (; reference != code_.references().end() && reference->from < end; ++reference) {
        const std::size_t to = around(reference->to);
        if (to >= functions_.size() || to == function)
            continue;
        const bool at_start = functions_[to].start == reference->to;
        if (at_start)
            functions_[to].address_taken = true;
        if (at_start || reference->kind == Reference::Kind::computed)
            found.push_back(to);
    }
    for (const std::uint64_t target : tables_of(function))
        if (const std::size_t to = around(target); to < functions_.size())
            found.push_back(to);
    return found;
}

std::vector<std::size_t> Functions::mentioned_by_data() {
    std::vector<std::size_t> found;
    for_each_pointer(code_, [&](std::uint64_t value) {
        const std::size_t to = around(value);
        if (to >= functions_.size() || functions_[to].start != value)
            return;
        functions_[to].address_taken = true;
        found.push_back(to);
    });
    return found;
}

void Functions::mark_reachable(std::uint64_t entry) {
    std::vector<std::size_t> waiting = mentioned_by_data();
    if (const std::size_t first = around(entry); first < functions_.size()) {
        functions_[first].address_taken = true; // called by nobody that we see
        waiting.push_back(first);
    }
    while (!waiting.empty()) {
        const std::size_t f = waiting.back();
        waiting.pop_back();
        if (functions_[f].reachable)
            continue;
        functions_[f].reachable = true;
        for (const std::size_t e : out_of_[f])
            waiting.push_back(entrances_[e].to);
        for (const std::size_t to : mentioned_by(f))
            waiting.push_back(to);
        // What jumps back into the middle of this function is a part of it that the compiler moved
        // away ("cold"), and may be reached by exceptions alone.
        for (const std::size_t e : into_[f])
            if (entrances_[e].kind == Entrance::Kind::jump &&
                entrances_[e].target != functions_[f].start)
                waiting.push_back(entrances_[e].from);
    }
}

std::vector<const Entrance*> Functions::entrances(std::size_t function) const {
    std::vector<const Entrance*> found;
    for (const std::size_t e : into_[function])
        if (functions_[entrances_[e].from].reachable)
            found.push_back(&entrances_[e]);
    return found;
}

} // namespace unik::analysis
