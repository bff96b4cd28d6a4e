// flock(2): advisory locks on whole files. They belong to open files, so that two of them conflict
// even in one process, as they do on Linux.
#pragma once

#include <foundation/result.hpp>
#include <vfs/file.hpp>

namespace os::vfs {

enum class LockKind { shared, exclusive };
enum class LockWait { no, yes };

// eagain when somebody else holds it and wait is no. A lock that is held is converted.
Result<void> lock(File& file, LockKind kind, LockWait wait);
void release_locks(File& file);

} // namespace os::vfs
