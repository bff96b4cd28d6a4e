#include <threads/alert.hpp>

#include <arch/cpu.hpp>

namespace os::threads {

void Alert::raise() {
    const arch::InterruptGuard guard;
    raised_ = true;
    queue_.wake_all();
}

void Alert::wait(Nanoseconds deadline) {
    const arch::InterruptGuard guard;
    if (!raised_)
        (void)queue_.wait(deadline, Interruptible::no);
    raised_ = false;
}

} // namespace os::threads
