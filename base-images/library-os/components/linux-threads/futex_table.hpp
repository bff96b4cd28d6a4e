// Who waits on which futex, in the order of arrival. Pure bookkeeping: how a waiter sleeps and is
// woken is the caller's.
//
// A futex is known by its address: there is one process, so private and shared ones are the same.
#pragma once

#include <cstddef>
#include <cstdint>

#include <foundation/list.hpp>

namespace os::linux_threads {

struct FutexWaiter : ListNode<> {
    std::uint64_t address = 0;
    std::uint32_t bits = ~std::uint32_t{0};
    bool woken = false;
    void (*wake)(FutexWaiter&) = nullptr; // called once it has left the table
};

class FutexTable {
public:
    void add(FutexWaiter& waiter) { bucket(waiter.address).push_back(waiter); }
    // The waiters on this address whose bits overlap, at most `most`; the number woken.
    unsigned wake(std::uint64_t address, unsigned most, std::uint32_t bits);
    // Lets up to `most` waiters wait on another address instead; the number moved.
    unsigned move(std::uint64_t from, std::uint64_t to, unsigned most);

private:
    static constexpr std::size_t k_buckets = 64;

    List<FutexWaiter>& bucket(std::uint64_t address) {
        return buckets_[(address >> 2 ^ address >> 12) % k_buckets];
    }

    List<FutexWaiter> buckets_[k_buckets];
};

} // namespace os::linux_threads
