// One list holds all of them: an owner's locks on a file neither overlap nor, being of one kind,
// touch. File table and locks.cpp tell of closed files once there has been a lock.
#include <vfs/record_locks.hpp>

#include <foundation/immortal.hpp>
#include <foundation/vector.hpp>
#include <threads/wait_queue.hpp>
#include <vfs/file_table.hpp>

namespace os::vfs {

namespace {

constinit Immortal<Vector<RecordLock>> g_records;
constinit Immortal<threads::WaitQueue> g_record_released;

bool same_owner(const RecordLock& a, const RecordLock& b) {
    return a.inode == b.inode && a.owner == b.owner;
}

bool overlap(const RecordLock& a, const RecordLock& b) {
    return a.first <= b.last && b.first <= a.last;
}

// Takes the range out of the owner's locks. There must be room for one more, for a lock that is
// left on both sides.
void cut_out(const RecordLock& range) {
    Vector<RecordLock>& records = *g_records;
    for (std::size_t i = records.size(); i > 0; --i) {
        RecordLock& held = records[i - 1];
        if (!same_owner(held, range) || !overlap(held, range))
            continue;
        RecordLock behind = held;
        const bool left_behind = held.last > range.last;
        behind.first = range.last + 1;
        if (held.first < range.first) {
            held.last = range.first - 1;
            if (left_behind)
                (void)records.push(behind);
        } else if (left_behind) {
            held = behind;
        } else {
            records.erase(i - 1);
        }
    }
}

// The lock, and those of its owner and kind that it touches, as one.
RecordLock merged(RecordLock lock) {
    Vector<RecordLock>& records = *g_records;
    for (std::size_t i = records.size(); i > 0; --i) {
        const RecordLock& held = records[i - 1];
        if (!same_owner(held, lock) || held.kind != lock.kind)
            continue;
        if (held.last + 1 == lock.first)
            lock.first = held.first;
        else if (lock.last + 1 == held.first)
            lock.last = held.last;
        else
            continue;
        records.erase(i - 1);
    }
    return lock;
}

void release_all(const RecordLock& owner) {
    for (std::size_t i = g_records->size(); i > 0; --i)
        if (same_owner((*g_records)[i - 1], owner))
            g_records->erase(i - 1);
    g_record_released->wake_all();
}

void release_at_close(File& file) {
    release_all({.inode = file.inode()});
}

void release_at_end(File& file) {
    release_all({.inode = file.inode(), .owner = &file});
}

} // namespace

const RecordLock* find_record_conflict(const RecordLock& wanted) {
    const RecordLock* lowest = nullptr;
    for (const RecordLock& held : *g_records)
        if (held.inode == wanted.inode && held.owner != wanted.owner && overlap(held, wanted) &&
            (held.kind == LockKind::exclusive || wanted.kind == LockKind::exclusive) &&
            (lowest == nullptr || held.first < lowest->first))
            lowest = &held;
    return lowest;
}

Result<void> lock_record(const RecordLock& wanted, LockWait wait) {
    while (find_record_conflict(wanted) != nullptr) {
        if (wait == LockWait::no)
            return Errno::eagain;
        if (g_record_released->wait() == threads::WakeReason::interrupted)
            return Errno::eintr;
    }
    if (!g_records->reserve(g_records->size() + 2).ok())
        return Errno::enolck;
    set_release_hooks(release_at_close, release_at_end);
    cut_out(wanted);
    const RecordLock lock = merged(wanted);
    (void)g_records->push(lock);
    g_record_released->wake_all(); // an exclusive lock may have become a shared one
    return {};
}

Result<void> unlock_record(const RecordLock& range) {
    if (!g_records->reserve(g_records->size() + 1).ok())
        return Errno::enolck;
    cut_out(range);
    g_record_released->wake_all();
    return {};
}

} // namespace os::vfs
