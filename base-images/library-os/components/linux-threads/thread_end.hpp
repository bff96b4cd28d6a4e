// What a thread leaves behind for the others when it ends.
#pragma once

#include <linux-signals/task.hpp>

namespace os::linux_threads {

// The hook of linux_signals::set_thread_end_hook: robust futexes are marked as orphaned, and
// whoever joins the thread is woken.
void on_thread_end(linux_signals::Task& task);

} // namespace os::linux_threads
