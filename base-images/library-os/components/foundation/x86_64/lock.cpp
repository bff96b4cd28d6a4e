#include <foundation/lock.hpp>

#include <foundation/panic.hpp>

namespace os {
namespace {

constexpr std::uint64_t k_interrupt_flag = 1ULL << 9;

std::uint64_t disable_interrupts() {
    std::uint64_t flags;
    asm volatile("pushfq; popq %0; cli" : "=r"(flags) : : "memory");
    return flags & k_interrupt_flag;
}

#ifdef UNIK_DEBUG
// Ranks held, innermost last. One CPU; interrupts are off while any is held.
constinit std::uint8_t g_held[16] = {};
constinit unsigned g_held_count = 0;

void note_locked(LockRank rank) {
    const auto value = static_cast<std::uint8_t>(rank);
    if (g_held_count > 0 && g_held[g_held_count - 1] >= value)
        panic("a lock of rank %d is taken while one of rank %d is held", value,
              g_held[g_held_count - 1]);
    UNIK_ASSERT(g_held_count < sizeof(g_held));
    g_held[g_held_count++] = value;
}
void note_unlocked() {
    UNIK_ASSERT(g_held_count > 0);
    --g_held_count;
}
#else
void note_locked(LockRank) {}
void note_unlocked() {}
#endif

} // namespace

std::uint64_t SpinLock::lock() {
    const std::uint64_t flag = disable_interrupts();
    while (__atomic_exchange_n(&held_, 1U, __ATOMIC_ACQUIRE) != 0)
        asm volatile("pause");
    note_locked(rank_);
    return flag;
}

void SpinLock::unlock(std::uint64_t interrupt_flag) {
    note_unlocked();
    __atomic_store_n(&held_, 0U, __ATOMIC_RELEASE);
    if (interrupt_flag != 0)
        asm volatile("sti" : : : "memory");
}

} // namespace os
