// Robust lists (linux/futex.h, Documentation/locking/robust-futex-ABI): a thread's list of the
// mutexes that it holds lies in the program's memory and may be damaged; it is walked with a bound.
#include "thread_end.hpp"

#include <memory/address_space.hpp>

#include "futex.hpp"
#include "futex_owner.hpp"

namespace os::linux_threads {

namespace {

constexpr unsigned k_most_robust_futexes = 2048;
constexpr std::uint64_t k_owned = 1; // bit 0 of a list pointer: a futex of futex_owner.hpp

struct RobustListHead {
    std::uint64_t first;
    std::int64_t futex_offset;
    std::uint64_t pending;
};

template <typename T>
Result<T> read(std::uint64_t address) {
    return UNIK_TRY(memory::AppSpan<T>::readable(address, 1))[0];
}

enum class Entry { listed, pending };

Result<void> orphan(std::uint64_t address, std::uint32_t thread_id, Entry entry) {
    if (address % sizeof(std::uint32_t) != 0)
        return Errno::einval;
    std::uint32_t* word = UNIK_TRY(memory::AppSpan<std::uint32_t>::writable(address, 1)).data();
    std::uint32_t before = __atomic_load_n(word, __ATOMIC_SEQ_CST);
    do {
        // Unlocked, but nobody was woken yet.
        if (entry == Entry::pending && before == 0)
            wake_futex(address, 1);
        if ((before & k_futex_owner) != thread_id)
            return {};
    } while (!__atomic_compare_exchange_n(word, &before,
                                          (before & k_futex_has_waiters) | k_futex_owner_died,
                                          false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
    if ((before & k_futex_has_waiters) != 0)
        wake_futex(address, 1);
    return {};
}

Result<void> walk_robust_list(std::uint64_t head_address, std::uint32_t thread_id) {
    const auto head = UNIK_TRY(read<RobustListHead>(head_address));
    const auto offset = static_cast<std::uint64_t>(head.futex_offset);
    const std::uint64_t pending = head.pending & ~k_owned;
    std::uint64_t entry = head.first & ~k_owned;
    for (unsigned i = 0; entry != head_address && i < k_most_robust_futexes; ++i) {
        const std::uint64_t next = UNIK_TRY(read<std::uint64_t>(entry));
        if (entry != pending)
            UNIK_TRY(orphan(entry + offset, thread_id, Entry::listed));
        entry = next & ~k_owned;
    }
    if (pending != 0)
        UNIK_TRY(orphan(pending + offset, thread_id, Entry::pending));
    return {};
}

Result<void> clear_thread_id(std::uint64_t address) {
    UNIK_TRY(memory::AppSpan<std::uint32_t>::writable(address, 1))[0] = 0;
    wake_futex(address, 1);
    return {};
}

} // namespace

void on_thread_end(linux_signals::Task& task) {
    const auto id = static_cast<std::uint32_t>(task.thread.id());
    hand_over_owned_futexes(id);
    // A damaged list or address is the program's affair: the thread ends all the same.
    if (task.robust_list != 0)
        static_cast<void>(walk_robust_list(task.robust_list, id));
    if (task.clear_child_tid != 0)
        static_cast<void>(clear_thread_id(task.clear_child_tid));
}

} // namespace os::linux_threads
