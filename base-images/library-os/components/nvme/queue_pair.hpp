// A queue of commands and the queue of their completions (1.4, 4.1 and 4.6).
//
// Both are rings. A completion is new when its phase bit differs from that of the round before. The
// device is not trusted: which commands are out is kept in memory that it cannot reach, and a
// completion that fits none breaks the pair until it is initialised again.
//
// Commands are added by threads; completions are taken in any context, under the pair's lock.
#pragma once

#include <cstdint>

#include <foundation/result.hpp>
#include <threads/alert.hpp>

#include "commands.hpp"

namespace os::nvme {

// A command that is out. Lives until it is done.
struct Request {
    threads::Alert alert;
    bool done = false;
    std::uint16_t status = 0; // without the phase; 0: success
    std::uint32_t result = 0;
    static constexpr std::uint16_t k_failed = 0xffff; // ours: the controller gave no answer
};

class QueuePair {
public:
    static constexpr unsigned k_most_entries = 32;

    // Zeroed memory for so many commands and completions, at least 2.
    void initialise(std::uint16_t id, unsigned entries, Command* commands,
                    volatile Completion* completions);

    unsigned entries() const { return entries_; }
    // Of a ring one place always stays free.
    bool has_room() const { return out_ + 1 < entries_; }

    // The number that the next command gets, below entries() - 1: what the command needs beside
    // itself (a page list) goes by it. Precondition: has_room().
    unsigned next_id() const;
    // Returns the new tail, for the doorbell. Precondition: has_room().
    unsigned add(const Command& command, Request& request);

    // Takes all new completions; none before initialise(). Whether there were any: then head() is
    // for the doorbell.
    bool take_completions();
    unsigned head() const { return head_; }
    bool broken() const { return broken_; }

    // Ends all that is out, with k_failed.
    void fail_all();

private:
    bool take(const Completion& completion);
    void finish(unsigned id, std::uint16_t status, std::uint32_t result);

    Command* commands_ = nullptr;
    volatile Completion* completions_ = nullptr;
    Request* requests_[k_most_entries] = {};
    std::uint16_t id_ = 0;
    unsigned entries_ = 0;
    unsigned out_ = 0;
    unsigned tail_ = 0;
    unsigned head_ = 0;
    std::uint16_t phase_ = 1;
    bool broken_ = false;
};

} // namespace os::nvme
