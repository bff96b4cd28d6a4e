// What one instruction does to the State.
#pragma once

#include <cstdint>
#include <optional>

#include <analysis/value.hpp>
#include <support/file.hpp>

namespace unik::analysis {

// bytes: the instruction, which lies at address.
void apply(State& state, ByteSpan bytes, std::uint64_t address);

// What a conditional jump teaches: behind `test eax, eax; je`, eax is 0 where the jump goes, and
// behind `jne` where it does not.
struct Lesson {
    unsigned reg = 0;
    Value value;
    bool when_taken = false;
};
std::optional<Lesson> learn(ByteSpan comparison, ByteSpan branch);

} // namespace unik::analysis
