#include "futex_word.hpp"

namespace os::linux_threads {

std::uint32_t change_word(const WakeOperation& operation, std::uint32_t* word) {
    const auto operand = static_cast<std::uint32_t>(operation.operand);
    switch (operation.operation) {
    case 0: return __atomic_exchange_n(word, operand, __ATOMIC_SEQ_CST);
    case 1: return __atomic_fetch_add(word, operand, __ATOMIC_SEQ_CST);
    case 2: return __atomic_fetch_or(word, operand, __ATOMIC_SEQ_CST);
    case 3: return __atomic_fetch_and(word, ~operand, __ATOMIC_SEQ_CST);
    default: return __atomic_fetch_xor(word, operand, __ATOMIC_SEQ_CST);
    }
}

bool compares(const WakeOperation& operation, std::uint32_t before) {
    const auto value = static_cast<std::int32_t>(before);
    switch (operation.comparison) {
    case 0: return value == operation.compared;
    case 1: return value != operation.compared;
    case 2: return value < operation.compared;
    case 3: return value <= operation.compared;
    case 4: return value > operation.compared;
    default: return value >= operation.compared;
    }
}

} // namespace os::linux_threads
