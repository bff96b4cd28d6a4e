// What the kernel's own accesses to program memory meet when the page cannot be had.
//
// System calls check a pointer when they are called and touch the memory where they need it, often
// after waiting; meanwhile another thread may have unmapped or protected it, or its pager fails.
// The kernel must not stop there, nor unwind from the middle of what it does with locks and
// references held. So the access goes to a page that stands in: it reads as zeroes, and what is
// written to it is lost. The call runs to its end, and whoever handled the fault makes its result
// EFAULT (linux-process/x86_64/exceptions.cpp, linux-signals/x86_64/delivery.cpp). No other code
// sees the page: it goes before another thread runs and before the program goes on.
#pragma once

#include <foundation/result.hpp>
#include <foundation/types.hpp>

namespace os::memory {

// Lets any access to the page that holds the address succeed until end_stand_ins(). Only for an
// address of the program's half.
Result<void> stand_in(VirtAddr address);

extern constinit unsigned g_stand_ins; // how many there are
void restore_stand_ins();
// Puts back what was there before.
inline void end_stand_ins() {
    if (g_stand_ins != 0) [[unlikely]]
        restore_stand_ins();
}

} // namespace os::memory
