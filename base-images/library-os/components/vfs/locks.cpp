// Locks are few: one list for all of them.
#include <vfs/locks.hpp>

#include <foundation/immortal.hpp>
#include <foundation/vector.hpp>
#include <threads/wait_queue.hpp>

namespace os::vfs {

namespace {

struct HeldLock {
    const Inode* inode;
    const File* file;
    LockKind kind;
};

constinit Immortal<Vector<HeldLock>> g_locks;
constinit Immortal<threads::WaitQueue> g_lock_released;
constinit CloseHook g_ended_hook = nullptr;

bool conflicts(const Inode* inode, const File* file, LockKind kind) {
    for (const HeldLock& held : *g_locks)
        if (held.inode == inode && held.file != file &&
            (held.kind == LockKind::exclusive || kind == LockKind::exclusive))
            return true;
    return false;
}

} // namespace

void set_release_hooks(CloseHook closed, CloseHook ended) {
    set_close_hook(closed);
    g_ended_hook = ended;
}

Result<void> lock(File& file, LockKind kind, LockWait wait) {
    const Inode* inode = file.inode();
    if (inode == nullptr)
        return {}; // nobody else can have opened it
    // Converting gives up the old lock first (flock(2): not atomic).
    release_locks(file);
    while (conflicts(inode, &file, kind)) {
        if (wait == LockWait::no)
            return Errno::eagain;
        if (g_lock_released->wait() == threads::WakeReason::interrupted)
            return Errno::eintr;
    }
    return g_locks->push({inode, &file, kind});
}

void release_locks(File& file) {
    for (std::size_t i = g_locks->size(); i > 0; --i) {
        if ((*g_locks)[i - 1].file != &file)
            continue;
        g_locks->erase(i - 1);
        g_lock_released->wake_all();
    }
}

void end_locks(File& file) {
    release_locks(file);
    if (g_ended_hook != nullptr)
        g_ended_hook(file);
}

} // namespace os::vfs
