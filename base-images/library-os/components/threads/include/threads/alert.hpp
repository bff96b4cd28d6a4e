// How a thread waits for its device: woken by the interrupt handler, but looking by itself now and
// then, so that a lost interrupt costs time and nothing else, and never longer than it is patient.
#pragma once

#include <threads/wait_queue.hpp>

namespace os::threads {

// Raised by an interrupt handler; one raise is remembered. For one waiting thread.
class Alert {
public:
    void raise(); // any context
    // Blocks until raised, or until `deadline` (monotonic). Not ended by signals.
    void wait(Nanoseconds deadline);

private:
    WaitQueue queue_;
    bool raised_ = false;
};

struct Patience {
    Nanoseconds total;
    Nanoseconds between_looks{10'000'000};
};

bool wait_until(Alert& alert, Patience patience, bool (*condition)(void*), void* argument);

// Whether the condition came true. It is looked at after every raise and now and then.
template <typename Condition>
bool wait_until(Alert& alert, Patience patience, Condition condition) {
    return wait_until(
        alert, patience, [](void* argument) { return (*static_cast<Condition*>(argument))(); },
        &condition);
}

} // namespace os::threads
