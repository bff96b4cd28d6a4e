// The signals of the process as a whole.
//
// Reached from threads and from work at safe points, never in interrupt context, and kernel code is
// not preempted; the lock keeps other CPUs out.
#pragma once

#include <foundation/lock.hpp>
#include <linux-signals/pending.hpp>
#include <linux-signals/task.hpp>

#include "actions.hpp"

namespace os::linux_signals {

struct Process {
    SpinLock lock{LockRank::process};
    PendingSignals pending;
};
Process& process();
Action& action_of(int signal); // under the lock

// Takes the next of these signals that is pending for the task or for the process. Under the lock.
bool take_next(Task& task, SignalSet wanted, SignalInfo& out);

} // namespace os::linux_signals
