// Robust lists (linux/futex.h, Documentation/locking/robust-futex-ABI): a thread's list of the
// mutexes that it holds lies in the program's memory and may be damaged; it is walked with a bound.
#include "thread_end.hpp"

#include <memory/address_space.hpp>

#include "futex.hpp"

namespace os::linux_threads {

namespace {

constexpr std::uint32_t k_has_waiters = 0x80000000;
constexpr std::uint32_t k_owner_died = 0x40000000;
constexpr std::uint32_t k_thread_id = 0x3fffffff;
constexpr unsigned k_most_robust_futexes = 2048;
constexpr std::uint64_t k_priority_inheriting = 1; // bit 0 of a list pointer

struct RobustListHead {
    std::uint64_t first;
    std::int64_t futex_offset;
    std::uint64_t pending;
};

template <typename T>
Result<T> read(std::uint64_t address) {
    return UNIK_TRY(memory::AppSpan<T>::readable(address, 1))[0];
}

Result<void> orphan(std::uint64_t address, std::uint32_t thread_id) {
    if (address % sizeof(std::uint32_t) != 0)
        return Errno::einval;
    std::uint32_t* word = UNIK_TRY(memory::AppSpan<std::uint32_t>::writable(address, 1)).data();
    std::uint32_t before = __atomic_load_n(word, __ATOMIC_SEQ_CST);
    do {
        if ((before & k_thread_id) != thread_id)
            return {};
    } while (!__atomic_compare_exchange_n(word, &before, (before & k_has_waiters) | k_owner_died,
                                          false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
    if ((before & k_has_waiters) != 0)
        wake_futex(address, 1);
    return {};
}

Result<void> walk_robust_list(std::uint64_t head_address, std::uint32_t thread_id) {
    const auto head = UNIK_TRY(read<RobustListHead>(head_address));
    const auto futex_of = [&head](std::uint64_t entry) {
        return (entry & ~k_priority_inheriting) + static_cast<std::uint64_t>(head.futex_offset);
    };
    std::uint64_t entry = head.first;
    for (unsigned i = 0; entry != head_address && i < k_most_robust_futexes; ++i) {
        const std::uint64_t next = UNIK_TRY(read<std::uint64_t>(entry & ~k_priority_inheriting));
        if (entry != head.pending)
            UNIK_TRY(orphan(futex_of(entry), thread_id));
        entry = next;
    }
    if (head.pending != 0)
        UNIK_TRY(orphan(futex_of(head.pending), thread_id));
    return {};
}

Result<void> clear_thread_id(std::uint64_t address) {
    UNIK_TRY(memory::AppSpan<std::uint32_t>::writable(address, 1))[0] = 0;
    wake_futex(address, 1);
    return {};
}

} // namespace

void on_thread_end(linux_signals::Task& task) {
    // A damaged list or address is the program's affair: the thread ends all the same.
    if (task.robust_list != 0)
        static_cast<void>(
            walk_robust_list(task.robust_list, static_cast<std::uint32_t>(task.thread.id())));
    if (task.clear_child_tid != 0)
        static_cast<void>(clear_thread_id(task.clear_child_tid));
}

} // namespace os::linux_threads
