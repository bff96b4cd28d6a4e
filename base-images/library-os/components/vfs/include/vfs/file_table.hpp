// The process's descriptors.
#pragma once

#include <vfs/file.hpp>

namespace os::vfs {

enum class CloseOnExec { no, yes };

// The lowest free descriptor from `from` on; emfile beyond the limit.
Result<int> install(Ref<File> file, CloseOnExec close_on_exec = CloseOnExec::no, int from = 0);
// emfile when none is free: for calls that must not take what they could not hand out (accept).
Result<void> check_free_descriptor();
// dup2/dup3: closes what `descriptor` was first.
Result<int> install_at(Ref<File> file, int descriptor, CloseOnExec close_on_exec);
Result<Ref<File>> file_of(int descriptor); // ebadf
Result<void> close(int descriptor);
Result<CloseOnExec> close_on_exec(int descriptor);
Result<void> set_close_on_exec(int descriptor, CloseOnExec value);
// RLIMIT_NOFILE.
std::size_t descriptor_limit();
void set_descriptor_limit(std::size_t limit);
// Closes first..last, or marks them close-on-exec.
void close_range(unsigned first, unsigned last);
void mark_range_close_on_exec(unsigned first, unsigned last);
// Called for each descriptor that is closed, before its file is let go.
using CloseHook = void (*)(File&);
void set_close_hook(CloseHook hook);
// Visits the open descriptors in ascending order (for /proc/self/fd).
void for_each_descriptor(void (*visit)(int, File&, void*), void* argument);

} // namespace os::vfs
