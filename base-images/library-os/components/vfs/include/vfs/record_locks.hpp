// Locks on ranges of bytes (fcntl_locking(2)): those of the process, which any close of the file
// gives up, and those of an open file (F_OFD_*), which live as long as it does. The process never
// stands in its own way; an open file's locks stand in everyone else's.
#pragma once

#include <cstdint>

#include <foundation/result.hpp>
#include <vfs/file.hpp>
#include <vfs/locks.hpp>

namespace os::vfs {

inline constexpr std::uint64_t k_last_byte = INT64_MAX;

struct RecordLock {
    const Inode* inode = nullptr;
    const File* owner = nullptr; // null: the process
    LockKind kind = LockKind::shared;
    std::uint64_t first = 0;
    std::uint64_t last = k_last_byte; // this byte too
};

// The lowest lock that stands in the way of `wanted`; null: none.
const RecordLock* find_record_conflict(const RecordLock& wanted);
// Takes the range over from what the same owner held there. eagain, or eintr while waiting.
Result<void> lock_record(const RecordLock& wanted, LockWait wait);
// Gives up the owner's locks on the range, whatever their kind.
Result<void> unlock_record(const RecordLock& range);

} // namespace os::vfs
