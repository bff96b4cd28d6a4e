// Who waits on which futex, in the order of arrival. Pure bookkeeping: how a waiter sleeps and is
// woken is the caller's.
#pragma once

#include <cstddef>
#include <cstdint>

#include <foundation/list.hpp>

namespace os::linux_threads {

// There is one process, so a futex is known by its address; but one in a shared mapping by what is
// mapped there and the place in it, since that may have several addresses.
struct FutexKey {
    const void* object = nullptr; // null: the place is an address
    std::uint64_t place = 0;

    bool operator==(const FutexKey&) const = default;
};

struct FutexWaiter : ListNode<> {
    FutexKey key;
    std::uint32_t bits = ~std::uint32_t{0};
    bool woken = false;
    void (*wake)(FutexWaiter&) = nullptr; // called once it has left the table
};

class FutexTable {
public:
    void add(FutexWaiter& waiter) { bucket(waiter.key).push_back(waiter); }
    // The waiters on this futex whose bits overlap, at most `most`; the number woken.
    unsigned wake(const FutexKey& key, unsigned most, std::uint32_t bits);
    // Lets up to `most` waiters wait on another futex instead; the number moved.
    unsigned move(const FutexKey& from, const FutexKey& to, unsigned most);

private:
    static constexpr std::size_t k_buckets = 64;

    List<FutexWaiter>& bucket(const FutexKey& key) {
        return buckets_[(key.place >> 2 ^ key.place >> 12) % k_buckets];
    }

    List<FutexWaiter> buckets_[k_buckets];
};

} // namespace os::linux_threads
