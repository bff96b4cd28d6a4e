// flock(2): advisory locks on whole files. They belong to open files, so that two of them conflict
// even in one process, as they do on Linux.
#pragma once

#include <foundation/result.hpp>
#include <vfs/file.hpp>
#include <vfs/file_table.hpp>

namespace os::vfs {

enum class LockKind { shared, exclusive };
enum class LockWait { no, yes };

// eagain when somebody else holds it and wait is no. A lock that is held is converted.
Result<void> lock(File& file, LockKind kind, LockWait wait);
void release_locks(File& file);
// The open file goes away.
void end_locks(File& file);

// Told of a descriptor that is closed, and of an open file that goes away (record_locks.cpp, which
// few programs need).
void set_release_hooks(CloseHook closed, CloseHook ended);

} // namespace os::vfs
