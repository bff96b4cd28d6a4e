#include "futex_table.hpp"

namespace os::linux_threads {

unsigned FutexTable::wake(std::uint64_t address, unsigned most, std::uint32_t bits) {
    unsigned count = 0;
    bucket(address).for_each([&](FutexWaiter& waiter) {
        if (count == most || waiter.address != address || (waiter.bits & bits) == 0)
            return;
        waiter.unlink();
        waiter.woken = true;
        waiter.wake(waiter);
        ++count;
    });
    return count;
}

unsigned FutexTable::move(std::uint64_t from, std::uint64_t to, unsigned most) {
    // Gathered first: both addresses may share a bucket.
    List<FutexWaiter> moving;
    unsigned count = 0;
    bucket(from).for_each([&](FutexWaiter& waiter) {
        if (count == most || waiter.address != from)
            return;
        waiter.unlink();
        waiter.address = to;
        moving.push_back(waiter);
        ++count;
    });
    while (FutexWaiter* waiter = moving.pop_front())
        add(*waiter);
    return count;
}

} // namespace os::linux_threads
