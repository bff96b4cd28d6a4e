// The start step: what runs on the way back to the program, SIGPIPE, and the host's stop request.
#include <control/control.hpp>
#include <linux-signals/signals.hpp>
#include <threads/thread.hpp>
#include <threads/timer.hpp>
#include <vfs/hooks.hpp>

#include "delivery.hpp"

namespace os::linux_signals {

namespace {

void raise_termination(void*) {
    static_cast<void>(raise_for_process(SignalInfo::sent(k_sigterm, k_code_user)));
}

constinit threads::Deferred g_termination(&raise_termination, nullptr);

// Interrupt context: the signal is raised at the next safe point.
void on_command(StringView command) {
    if (command == "stop")
        g_termination.schedule();
}

} // namespace

Result<void> start() {
    threads::set_return_to_program_hook(&act_on_signals);
    vfs::set_signal_hooks(
        {.broken_pipe = [] { raise_for_current(k_sigpipe); },
         .file_too_large = [] { raise_for_current(k_sigxfsz); },
         .begin_masked_wait =
             [](std::uint64_t mask) { begin_masked_wait(SignalSet{mask}.without(k_unblockable)); },
         .end_masked_wait = &end_masked_wait});
    control::set_command_handler(&on_command);
    return {};
}

} // namespace os::linux_signals
