// FUTEX_WAKE_OP: changes one futex word and tests what it was (linux/futex.h, FUTEX_OP).
#pragma once

#include <cstdint>

namespace os::linux_threads {

struct WakeOperation {
    unsigned operation;
    unsigned comparison;
    std::int32_t operand;
    std::int32_t compared;
};

constexpr std::int32_t sign_extend_12(std::uint32_t value) {
    return static_cast<std::int32_t>(value << 20) >> 20;
}

constexpr WakeOperation decode_wake_operation(std::uint32_t code) {
    constexpr unsigned k_operand_is_shift = 8;
    WakeOperation decoded{.operation = code >> 28 & 7,
                          .comparison = code >> 24 & 15,
                          .operand = sign_extend_12(code >> 12 & 0xfff),
                          .compared = sign_extend_12(code & 0xfff)};
    if ((code >> 28 & k_operand_is_shift) != 0)
        decoded.operand = static_cast<std::int32_t>(1U << (decoded.operand & 31));
    return decoded;
}

constexpr bool known(const WakeOperation& operation) {
    return operation.operation <= 4 && operation.comparison <= 5;
}
// Both for known operations. Atomically; returns the word from before.
std::uint32_t change_word(const WakeOperation& operation, std::uint32_t* word);
bool compares(const WakeOperation& operation, std::uint32_t before);

} // namespace os::linux_threads
