#include <analysis/value.hpp>

#include <algorithm>

namespace unik::analysis {
namespace {

constexpr std::size_t k_most_atoms = 12;
constexpr std::size_t k_most_slots = 512;
constexpr std::int64_t k_word = 8;

} // namespace

bool Value::all_constant() const {
    return known_ && !atoms_.empty() &&
           std::all_of(atoms_.begin(), atoms_.end(),
                       [](const Atom& atom) { return atom.kind == Atom::Kind::constant; });
}

const Atom* Value::stack_address() const {
    return atoms_.size() == 1 && atoms_[0].kind == Atom::Kind::stack_address ? &atoms_[0] : nullptr;
}

bool Value::join(const Value& other) {
    if (!known_)
        return false;
    if (!other.known_) {
        *this = unknown();
        return true;
    }
    bool changed = false;
    for (const Atom& atom : other.atoms_) {
        const auto place = std::lower_bound(atoms_.begin(), atoms_.end(), atom);
        if (place != atoms_.end() && *place == atom)
            continue;
        atoms_.insert(place, atom);
        changed = true;
    }
    if (atoms_.size() > k_most_atoms)
        *this = unknown();
    return changed;
}

State State::at_entry() {
    State state;
    for (unsigned i = 0; i < k_register_count; ++i)
        state[i] = Value::of({Atom::Kind::given_register, i});
    state[k_rsp] = Value::of({Atom::Kind::stack_address, 0});
    state.given_stack_ = true;
    return state;
}

State State::of_nothing() {
    State state;
    state[k_rsp] = Value::of({Atom::Kind::stack_address, 0});
    return state;
}

Value State::load(std::int64_t offset, unsigned size) const {
    if (const auto slot = slots_.find(offset); slot != slots_.end())
        return slot->second.size >= size ? slot->second.value : Value::unknown();
    const bool overlapped = std::any_of(slots_.begin(), slots_.end(), [&](const auto& entry) {
        return entry.first < offset + size && offset < entry.first + entry.second.size;
    });
    if (given_stack_ && !overlapped && offset >= k_word && offset % k_word == 0)
        return Value::of({Atom::Kind::given_stack, offset});
    return Value::unknown();
}

void State::store(std::int64_t offset, unsigned size, const Value& value) {
    std::erase_if(slots_, [&](const auto& entry) {
        return entry.first < offset + size && offset < entry.first + entry.second.size;
    });
    if (slots_.size() < k_most_slots)
        slots_[offset] = {size, size == 4 || size == 8 ? value : Value::unknown()};
}

bool State::join(const State& other) {
    bool changed = false;
    for (unsigned i = 0; i < k_register_count; ++i)
        changed |= registers_[i].join(other.registers_[i]);
    for (auto& [offset, slot] : slots_)
        changed |= slot.value.join(other.load(offset, slot.size));
    for (const auto& [offset, slot] : other.slots_) {
        if (slots_.contains(offset))
            continue;
        Value value = load(offset, slot.size);
        value.join(slot.value);
        store(offset, slot.size, value);
        changed = true;
    }
    if (given_stack_ && !other.given_stack_) {
        given_stack_ = false;
        changed = true;
    }
    return changed;
}

} // namespace unik::analysis
