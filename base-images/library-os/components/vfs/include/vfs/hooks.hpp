// What files need of signals, without depending on them: the component that delivers signals sets
// these hooks; where none is linked nothing happens.
#pragma once

#include <cstdint>

#include <foundation/errno.hpp>

namespace os::vfs {

struct SignalHooks {
    // A write found nobody reading: SIGPIPE for the current thread.
    void (*broken_pipe)();
    // A file was to grow beyond RLIMIT_FSIZE: SIGXFSZ.
    void (*file_too_large)();
    // ppoll, pselect6, epoll_pwait: the current thread waits under this mask. When a signal is
    // pending under it, the next interruptible wait returns `interrupted` at once.
    void (*begin_masked_wait)(std::uint64_t mask);
    // The wait ended without a signal: the mask from before again. Not called after an
    // interrupted wait; then the mask comes back once the signal has been delivered.
    void (*end_masked_wait)();
};
void set_signal_hooks(const SignalHooks& hooks);

// Calls the hook when the error is epipe; returns the error.
Errno report_broken_pipe(Errno error);
// RLIMIT_FSIZE, which files in memory keep to.
std::uint64_t file_size_limit();
void set_file_size_limit(std::uint64_t limit);
// Calls the hook; returns efbig.
Errno report_file_too_large();
void begin_masked_wait(std::uint64_t mask);
void end_masked_wait();

} // namespace os::vfs
