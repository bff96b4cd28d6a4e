// Mounted file systems. What is mounted where comes from component.yaml (`filesystems`): vfs's
// start step calls the mount functions, outer mount points first, and each calls mount().
#pragma once

#include <foundation/list.hpp>
#include <foundation/own.hpp>
#include <foundation/result.hpp>
#include <foundation/vector.hpp>
#include <vfs/inode.hpp>

namespace os::vfs {

struct Mount : ListNode<> {
    Ref<Inode> root;
    Ref<Inode> point; // null for "/"
    String path;      // NUL-terminated
};

// Missing directories of the mount point are made where the file system there allows it. enotdir:
// the mount point is a file.
Result<void> mount(const char* mount_point, Ref<Inode> root);
void for_each_mount(void (*visit)(const Mount&, void*), void* argument);
// The mount whose root this is, or null.
const Mount* mount_of_root(const Inode& inode);
// The root directory; null before one is mounted.
Ref<Inode> root_directory();

// vfs's start step.
Result<void> start();

} // namespace os::vfs
