#include "futex_table.hpp"

namespace os::linux_threads {

unsigned FutexTable::wake(const FutexKey& key, unsigned most, std::uint32_t bits) {
    unsigned count = 0;
    bucket(key).for_each([&](FutexWaiter& waiter) {
        if (count == most || !(waiter.key == key) || (waiter.bits & bits) == 0)
            return;
        waiter.unlink();
        waiter.woken = true;
        waiter.wake(waiter);
        ++count;
    });
    return count;
}

unsigned FutexTable::move(const FutexKey& from, const FutexKey& to, unsigned most) {
    // Gathered first: both futexes may share a bucket.
    List<FutexWaiter> moving;
    unsigned count = 0;
    bucket(from).for_each([&](FutexWaiter& waiter) {
        if (count == most || !(waiter.key == from))
            return;
        waiter.unlink();
        waiter.key = to;
        moving.push_back(waiter);
        ++count;
    });
    while (FutexWaiter* waiter = moving.pop_front())
        add(*waiter);
    return count;
}

} // namespace os::linux_threads
