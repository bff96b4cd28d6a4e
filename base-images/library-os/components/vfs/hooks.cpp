#include <vfs/hooks.hpp>

namespace os::vfs {

namespace {
constinit SignalHooks g_hooks{};
} // namespace

void set_signal_hooks(const SignalHooks& hooks) {
    g_hooks = hooks;
}

Errno report_broken_pipe(Errno error) {
    if (error == Errno::epipe && g_hooks.broken_pipe != nullptr)
        g_hooks.broken_pipe();
    return error;
}

void begin_masked_wait(std::uint64_t mask) {
    if (g_hooks.begin_masked_wait != nullptr)
        g_hooks.begin_masked_wait(mask);
}

void end_masked_wait() {
    if (g_hooks.end_masked_wait != nullptr)
        g_hooks.end_masked_wait();
}

} // namespace os::vfs
