// What is known of a machine word at some point of a function: one of a few constants, what the
// function was given, or nothing.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <vector>

namespace unik::analysis {

struct Atom {
    enum class Kind : std::uint8_t {
        constant,
        given_register, // the register `value` as it was at the function's entry
        given_stack,    // the word at entry rsp + value
        stack_address,  // entry rsp + value
    };
    Kind kind = Kind::constant;
    std::int64_t value = 0;
    auto operator<=>(const Atom&) const = default;
};

class Value {
public:
    Value() = default; // unknown
    static Value unknown() { return {}; }
    static Value constant(std::int64_t value) { return Value({{Atom::Kind::constant, value}}); }
    static Value of(Atom atom) { return Value({atom}); }

    bool known() const { return known_; }
    const std::vector<Atom>& atoms() const { return atoms_; } // sorted; empty when unknown
    bool all_constant() const;
    // The only atom, when it is an address on the stack.
    const Atom* stack_address() const;

    // This or other. True when this changed.
    bool join(const Value& other);

    // Every atom changed by f(Atom) -> optional<Atom>; unknown when f has no answer.
    template <typename F>
    Value map(F&& f) const {
        Value out(std::vector<Atom>{});
        if (!known_)
            return unknown();
        for (const Atom& atom : atoms_) {
            const auto changed = f(atom);
            if (!changed)
                return unknown();
            out.join(of(*changed));
        }
        return out;
    }

    bool operator==(const Value&) const = default;

private:
    explicit Value(std::vector<Atom> atoms) : known_(true), atoms_(std::move(atoms)) {}

    bool known_ = false;
    std::vector<Atom> atoms_;
};

// Registers by their number in machine code: rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8 …
inline constexpr unsigned k_register_count = 16;
inline constexpr unsigned k_rax = 0;
inline constexpr unsigned k_rcx = 1;
inline constexpr unsigned k_rdx = 2;
inline constexpr unsigned k_rsp = 4;
inline constexpr unsigned k_rbp = 5;
inline constexpr unsigned k_rsi = 6;
inline constexpr unsigned k_rdi = 7;
inline constexpr unsigned k_r11 = 11;

// Registers and the function's stack frame.
class State {
public:
    static State at_entry();   // everything as given
    static State of_nothing(); // everything unknown, a stack frame of its own

    Value& operator[](unsigned reg) { return registers_[reg]; }
    const Value& operator[](unsigned reg) const { return registers_[reg]; }

    Value load(std::int64_t offset, unsigned size) const;
    void store(std::int64_t offset, unsigned size, const Value& value);
    bool join(const State& other);

private:
    struct Slot {
        unsigned size = 0;
        Value value;
        bool operator==(const Slot&) const = default;
    };
    std::array<Value, k_register_count> registers_;
    std::map<std::int64_t, Slot> slots_;
    bool given_stack_ = false; // words that were not written are the caller's
};

} // namespace unik::analysis
