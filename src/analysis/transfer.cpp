// Only the instructions by which compilers bring a constant into a register are followed; any other
// one makes what it writes unknown. A call makes the registers unknown that the calling convention
// lets it change (System V x86-64 psABI, 3.2.1); the frame is taken to stay as it is.
#include <analysis/transfer.hpp>

#include <algorithm>
#include <iterator>
#include <optional>
#include <span>

#include <Zydis/Zydis.h>

namespace unik::analysis {
namespace {

struct Operation {
    State& state;
    const ZydisDecodedInstruction& instruction;
    std::span<const ZydisDecodedOperand> operands;
    std::uint64_t next;

    const ZydisDecodedOperand& destination() const { return operands[0]; }
    const ZydisDecodedOperand& source() const { return operands[1]; }
};

std::int64_t truncated(std::int64_t value, unsigned bits) {
    if (bits >= 64)
        return value;
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(value) &
                                     ((std::uint64_t{1} << bits) - 1));
}

std::int64_t sign_extended(std::int64_t value, unsigned bits) {
    const unsigned shift = 64 - bits;
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(value) << shift) >> shift;
}

// The number of a general register, whatever its width.
std::optional<unsigned> register_number(ZydisRegister reg) {
    const ZydisRegister whole = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, reg);
    if (whole < ZYDIS_REGISTER_RAX || whole > ZYDIS_REGISTER_R15)
        return std::nullopt;
    return static_cast<unsigned>(whole - ZYDIS_REGISTER_RAX);
}

bool is_high_byte(ZydisRegister reg) {
    return reg >= ZYDIS_REGISTER_AH && reg <= ZYDIS_REGISTER_BH;
}

Value plus(const Value& value, std::int64_t number) {
    return value.map([&](Atom atom) -> std::optional<Atom> {
        if (number != 0 &&
            (atom.kind == Atom::Kind::given_register || atom.kind == Atom::Kind::given_stack))
            return std::nullopt;
        atom.value = static_cast<std::int64_t>(static_cast<std::uint64_t>(atom.value) +
                                               static_cast<std::uint64_t>(number));
        return atom;
    });
}

// The constants of value changed by f; anything else is unknown.
template <typename F>
Value constants(const Value& value, F&& f) {
    return value.map([&](Atom atom) -> std::optional<Atom> {
        if (atom.kind != Atom::Kind::constant)
            return std::nullopt;
        atom.value = f(atom.value);
        return atom;
    });
}

Value address_of(const Operation& op, const ZydisDecodedOperand& operand) {
    const ZydisDecodedOperandMem& memory = operand.mem;
    if (memory.segment == ZYDIS_REGISTER_FS || memory.segment == ZYDIS_REGISTER_GS)
        return Value::unknown();
    if (memory.base == ZYDIS_REGISTER_RIP)
        return Value::constant(static_cast<std::int64_t>(op.next) + memory.disp.value);
    Value address = Value::constant(0);
    if (memory.base != ZYDIS_REGISTER_NONE) {
        const auto base = register_number(memory.base);
        address = base ? op.state[*base] : Value::unknown();
    }
    if (memory.index != ZYDIS_REGISTER_NONE) {
        const auto index = register_number(memory.index);
        if (!index || !op.state[*index].all_constant() || op.state[*index].atoms().size() != 1)
            return Value::unknown();
        address = plus(address, op.state[*index].atoms()[0].value * memory.scale);
    }
    return plus(address, memory.disp.value);
}

Value read(const Operation& op, const ZydisDecodedOperand& operand) {
    switch (operand.type) {
    case ZYDIS_OPERAND_TYPE_IMMEDIATE: return Value::constant(operand.imm.value.s);
    case ZYDIS_OPERAND_TYPE_REGISTER: {
        const auto reg = register_number(operand.reg.value);
        if (!reg || is_high_byte(operand.reg.value))
            return Value::unknown();
        const Value& value = op.state[*reg];
        if (operand.size >= 32 && !value.all_constant())
            return value; // a number passed on in half a register is the same number
        return operand.size == 64
                   ? value
                   : constants(value, [&](std::int64_t v) { return truncated(v, operand.size); });
    }
    case ZYDIS_OPERAND_TYPE_MEMORY: {
        const Value address = address_of(op, operand);
        const Atom* slot = address.stack_address();
        return slot == nullptr ? Value::unknown() : op.state.load(slot->value, operand.size / 8);
    }
    default: return Value::unknown();
    }
}

void write_register(State& state, const ZydisDecodedOperand& operand, const Value& value) {
    const auto reg = register_number(operand.reg.value);
    if (!reg)
        return;
    if (operand.size == 64) {
        state[*reg] = value;
    } else if (operand.size == 32) {
        state[*reg] = value.all_constant()
                          ? constants(value, [](std::int64_t v) { return truncated(v, 32); })
                          : value;
    } else {
        // A part of a register: known only where one constant is put over one other.
        const Value& old = state[*reg];
        const bool simple = old.all_constant() && old.atoms().size() == 1 && value.all_constant() &&
                            !is_high_byte(operand.reg.value);
        const std::int64_t kept =
            simple ? old.atoms()[0].value - truncated(old.atoms()[0].value, operand.size) : 0;
        state[*reg] =
            simple ? constants(value,
                               [&](std::int64_t v) { return kept + truncated(v, operand.size); })
                   : Value::unknown();
    }
}

void write(const Operation& op, const ZydisDecodedOperand& operand, const Value& value) {
    if (operand.type == ZYDIS_OPERAND_TYPE_REGISTER) {
        write_register(op.state, operand, value);
    } else if (operand.type == ZYDIS_OPERAND_TYPE_MEMORY) {
        const Value address = address_of(op, operand);
        if (const Atom* slot = address.stack_address())
            op.state.store(slot->value, operand.size / 8, value);
    }
}

void forget_writes(const Operation& op) {
    for (const ZydisDecodedOperand& operand : op.operands)
        if ((operand.actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0 &&
            !(operand.type == ZYDIS_OPERAND_TYPE_REGISTER &&
              register_number(operand.reg.value) == k_rsp))
            write(op, operand, Value::unknown());
}

bool same_register(const Operation& op) {
    return op.destination().type == ZYDIS_OPERAND_TYPE_REGISTER &&
           op.source().type == ZYDIS_OPERAND_TYPE_REGISTER &&
           op.destination().reg.value == op.source().reg.value;
}

void move(const Operation& op) {
    write(op, op.destination(), read(op, op.source()));
}

void move_sign_extended(const Operation& op) {
    const Value value = read(op, op.source());
    const unsigned bits = op.source().size;
    if (value.all_constant())
        write(op, op.destination(),
              constants(value, [&](std::int64_t v) { return sign_extended(v, bits); }));
    else
        write(op, op.destination(), bits == 32 ? value : Value::unknown());
}

void load_address(const Operation& op) {
    write(op, op.destination(), address_of(op, op.source()));
}

template <typename F>
void combine(const Operation& op, F&& f) {
    const Value left = read(op, op.destination());
    const Value right = read(op, op.source());
    if (!left.all_constant() || !right.all_constant())
        return write(op, op.destination(), Value::unknown());
    Value out = constants(left, [&](std::int64_t l) { return f(l, right.atoms()[0].value); });
    for (const Atom& r : right.atoms())
        out.join(constants(left, [&](std::int64_t l) { return f(l, r.value); }));
    write(op, op.destination(), out);
}

void add_number(const Operation& op, std::int64_t number) {
    write(op, op.destination(), plus(read(op, op.destination()), number));
}

void add(const Operation& op) {
    const Value right = read(op, op.source());
    if (right.all_constant() && right.atoms().size() == 1)
        add_number(op, right.atoms()[0].value);
    else
        combine(op, [](std::int64_t a, std::int64_t b) {
            return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) +
                                             static_cast<std::uint64_t>(b));
        });
}

void subtract(const Operation& op) {
    if (same_register(op))
        return write(op, op.destination(), Value::constant(0));
    const Value right = read(op, op.source());
    if (right.all_constant() && right.atoms().size() == 1)
        add_number(
            op, static_cast<std::int64_t>(0 - static_cast<std::uint64_t>(right.atoms()[0].value)));
    else
        write(op, op.destination(), Value::unknown());
}

void exclusive_or(const Operation& op) {
    if (same_register(op))
        return write(op, op.destination(), Value::constant(0));
    combine(op, [](std::int64_t a, std::int64_t b) { return a ^ b; });
}

bool source_is(const Operation& op, std::int64_t number) {
    return op.source().type == ZYDIS_OPERAND_TYPE_IMMEDIATE && op.source().imm.value.s == number;
}

void bitwise_and(const Operation& op) {
    // and rsp, -16: the frame begins anew at a place that differs by less than its alignment.
    const Value left = read(op, op.destination());
    if (left.stack_address() != nullptr)
        return;
    if (source_is(op, 0))
        return write(op, op.destination(), Value::constant(0));
    combine(op, [](std::int64_t a, std::int64_t b) { return a & b; });
}

void bitwise_or(const Operation& op) {
    if (source_is(op, -1))
        return write(op, op.destination(), Value::constant(-1));
    combine(op, [](std::int64_t a, std::int64_t b) { return a | b; });
}

void subtract_borrow(const Operation& op) {
    if (!same_register(op))
        return write(op, op.destination(), Value::unknown());
    Value value = Value::constant(0);
    value.join(Value::constant(-1));
    write(op, op.destination(), value);
}

void increment(const Operation& op) {
    add_number(op, 1);
}

void decrement(const Operation& op) {
    add_number(op, -1);
}

void push(const Operation& op) {
    const Value value = read(op, op.destination());
    op.state[k_rsp] = plus(op.state[k_rsp], -8);
    if (const Atom* top = op.state[k_rsp].stack_address())
        op.state.store(top->value, 8, value);
}

void pop(const Operation& op) {
    Value value;
    if (const Atom* top = op.state[k_rsp].stack_address())
        value = op.state.load(top->value, 8);
    op.state[k_rsp] = plus(op.state[k_rsp], 8);
    write(op, op.destination(), value);
}

void leave(const Operation& op) {
    op.state[k_rsp] = op.state[k_rbp];
    op.state[k_rbp] = Value::unknown();
    if (const Atom* top = op.state[k_rsp].stack_address())
        op.state[k_rbp] = op.state.load(top->value, 8);
    op.state[k_rsp] = plus(op.state[k_rsp], 8);
}

void call(const Operation& op) {
    for (const unsigned reg : {k_rax, k_rcx, k_rdx, k_rsi, k_rdi, 8U, 9U, 10U, 11U})
        op.state[reg] = Value::unknown();
}

void system_call(const Operation& op) {
    for (const unsigned reg : {k_rax, k_rcx, k_r11})
        op.state[reg] = Value::unknown();
}

void exchange(const Operation& op) {
    const Value first = read(op, op.destination());
    const Value second = read(op, op.source());
    write(op, op.destination(), second);
    write(op, op.source(), first);
}

void extend_accumulator(const Operation& op) { // cdqe
    if (op.state[k_rax].all_constant())
        op.state[k_rax] =
            constants(op.state[k_rax], [](std::int64_t v) { return sign_extended(v, 32); });
}

struct Rule {
    ZydisMnemonic mnemonic;
    unsigned operand_count; // explicit ones, at least
    void (*apply)(const Operation&);
};

constexpr Rule k_rules[] = {
    {ZYDIS_MNEMONIC_MOV, 2, move},
    {ZYDIS_MNEMONIC_MOVZX, 2, move},
    {ZYDIS_MNEMONIC_MOVSX, 2, move_sign_extended},
    {ZYDIS_MNEMONIC_MOVSXD, 2, move_sign_extended},
    {ZYDIS_MNEMONIC_LEA, 2, load_address},
    {ZYDIS_MNEMONIC_ADD, 2, add},
    {ZYDIS_MNEMONIC_SUB, 2, subtract},
    {ZYDIS_MNEMONIC_XOR, 2, exclusive_or},
    {ZYDIS_MNEMONIC_AND, 2, bitwise_and},
    {ZYDIS_MNEMONIC_OR, 2, bitwise_or},
    {ZYDIS_MNEMONIC_SBB, 2, subtract_borrow},
    {ZYDIS_MNEMONIC_INC, 1, increment},
    {ZYDIS_MNEMONIC_DEC, 1, decrement},
    {ZYDIS_MNEMONIC_PUSH, 1, push},
    {ZYDIS_MNEMONIC_POP, 1, pop},
    {ZYDIS_MNEMONIC_LEAVE, 0, leave},
    {ZYDIS_MNEMONIC_CALL, 0, call},
    {ZYDIS_MNEMONIC_SYSCALL, 0, system_call},
    {ZYDIS_MNEMONIC_XCHG, 2, exchange},
    {ZYDIS_MNEMONIC_CDQE, 0, extend_accumulator},
};

// setcc writes 0 or 1; cmovcc keeps the old value or takes the new one.
bool apply_category(const Operation& op) {
    if (op.instruction.meta.category == ZYDIS_CATEGORY_SETCC) {
        Value value = Value::constant(0);
        value.join(Value::constant(1));
        write(op, op.destination(), value);
        return true;
    }
    if (op.instruction.meta.category == ZYDIS_CATEGORY_CMOV) {
        Value value = read(op, op.destination());
        value.join(read(op, op.source()));
        write(op, op.destination(), value);
        return true;
    }
    return false;
}

} // namespace

std::optional<Lesson> learn(ByteSpan comparison, ByteSpan branch) {
    ZydisDecoder decoder;
    ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    ZydisDecodedInstruction jump;
    ZydisDecodedInstruction test;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
    if (!ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&decoder, nullptr, branch.data(), branch.size(),
                                                    &jump)) ||
        !ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, comparison.data(), comparison.size(), &test,
                                             operands)))
        return std::nullopt;
    const bool taken = jump.mnemonic == ZYDIS_MNEMONIC_JZ;
    if ((!taken && jump.mnemonic != ZYDIS_MNEMONIC_JNZ) || test.operand_count_visible != 2 ||
        operands[0].type != ZYDIS_OPERAND_TYPE_REGISTER || operands[0].size < 32)
        return std::nullopt;
    const auto reg = register_number(operands[0].reg.value);
    if (!reg)
        return std::nullopt;
    if (test.mnemonic == ZYDIS_MNEMONIC_TEST && operands[1].type == ZYDIS_OPERAND_TYPE_REGISTER &&
        operands[1].reg.value == operands[0].reg.value)
        return Lesson{*reg, Value::constant(0), taken};
    if (test.mnemonic == ZYDIS_MNEMONIC_CMP && operands[1].type == ZYDIS_OPERAND_TYPE_IMMEDIATE)
        return Lesson{*reg, Value::constant(operands[1].imm.value.s), taken};
    return std::nullopt;
}

void apply(State& state, ByteSpan bytes, std::uint64_t address) {
    ZydisDecoder decoder;
    ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    ZydisDecodedInstruction instruction;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
    if (!ZYAN_SUCCESS(
            ZydisDecoderDecodeFull(&decoder, bytes.data(), bytes.size(), &instruction, operands)))
        return;
    const Operation op{state, instruction,
                       std::span<const ZydisDecodedOperand>(operands, instruction.operand_count),
                       address + instruction.length};
    if (apply_category(op))
        return;
    const auto* rule = std::find_if(std::begin(k_rules), std::end(k_rules), [&](const Rule& r) {
        return r.mnemonic == instruction.mnemonic &&
               instruction.operand_count_visible >= r.operand_count;
    });
    if (rule != std::end(k_rules))
        rule->apply(op);
    else
        forget_writes(op);
}

} // namespace unik::analysis
