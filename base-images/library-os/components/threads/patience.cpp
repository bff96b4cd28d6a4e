#include <clock/clock.hpp>
#include <threads/alert.hpp>

namespace os::threads {

bool wait_until(Alert& alert, Patience patience, bool (*condition)(void*), void* argument) {
    const Nanoseconds deadline = clock::monotonic() + patience.total;
    while (!condition(argument)) {
        const Nanoseconds now = clock::monotonic();
        if (now >= deadline)
            return false;
        const Nanoseconds look = now + patience.between_looks;
        alert.wait(look < deadline ? look : deadline);
    }
    return true;
}

} // namespace os::threads
