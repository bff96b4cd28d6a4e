// Signals that wait to be acted upon: of one thread, or of the process.
//
// A standard signal is pending at most once, but once for each timer that sends it; a real-time
// signal queues, each with its own information. When no memory is left a signal is pending without
// information, as in Linux.
#pragma once

#include <cstddef>

#include <foundation/result.hpp>
#include <linux-signals/signal_info.hpp>
#include <linux-signals/signal_set.hpp>

namespace os::linux_signals {

class PendingSignals {
public:
    static constexpr std::size_t k_queue_limit = 1024;

    constexpr PendingSignals() = default;
    PendingSignals(const PendingSignals&) = delete;
    PendingSignals& operator=(const PendingSignals&) = delete;
    ~PendingSignals();

    SignalSet set() const { return set_; }
    // eagain: a real-time signal sent with information (code other than SI_USER) finds the queue
    // full.
    Result<void> add(const SignalInfo& info);
    // Takes the next signal of `wanted`: synchronous ones first, then by number, each number in
    // the order of sending. False: none.
    bool take(SignalSet wanted, SignalInfo& out);
    void discard(SignalSet signals);
    // The signal that this timer sent and nobody took yet; null: there is none.
    SignalInfo* of_timer(int id);

private:
    struct Entry {
        Entry* next;
        SignalInfo info;
    };

    SignalSet set_;
    Entry* first_ = nullptr;
    std::size_t length_ = 0;
};

} // namespace os::linux_signals
