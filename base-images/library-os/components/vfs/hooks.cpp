#include <vfs/hooks.hpp>

namespace os::vfs {

namespace {
constinit SignalHooks g_hooks{};
constinit std::uint64_t g_file_size_limit = UINT64_MAX;
} // namespace

void set_signal_hooks(const SignalHooks& hooks) {
    g_hooks = hooks;
}

Errno report_broken_pipe(Errno error) {
    if (error == Errno::epipe && g_hooks.broken_pipe != nullptr)
        g_hooks.broken_pipe();
    return error;
}

std::uint64_t file_size_limit() {
    return g_file_size_limit;
}

void set_file_size_limit(std::uint64_t limit) {
    g_file_size_limit = limit;
}

Errno report_file_too_large() {
    if (g_hooks.file_too_large != nullptr)
        g_hooks.file_too_large();
    return Errno::efbig;
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
