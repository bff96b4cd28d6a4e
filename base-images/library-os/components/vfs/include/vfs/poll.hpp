// Readiness: what an open file can do now, and telling those who wait for it.
#pragma once

#include <cstdint>

#include <foundation/list.hpp>

namespace os::vfs {

// Bits as in Linux's poll.h.
using PollMask = std::uint32_t;
inline constexpr PollMask k_poll_in = 0x001;
inline constexpr PollMask k_poll_priority = 0x002;
inline constexpr PollMask k_poll_out = 0x004;
inline constexpr PollMask k_poll_error = 0x008;
inline constexpr PollMask k_poll_hang_up = 0x010;
inline constexpr PollMask k_poll_invalid = 0x020;
inline constexpr PollMask k_poll_read_hang_up = 0x2000;

// Listens to one PollSource; leaves it when it dies.
class PollListener : public ListNode<> {
public:
    virtual ~PollListener() { unlink(); }
    // Something in `events` became true. Never in interrupt context. Must not destroy the source.
    virtual void ready(PollMask events) = 0;
};

class PollSource {
public:
    // Destroying a source with listeners unlinks them.
    ~PollSource() {
        listeners_.for_each([](PollListener& listener) { listener.unlink(); });
    }
    void add(PollListener& listener) { listeners_.push_back(listener); }
    void notify(PollMask events) {
        listeners_.for_each([events](PollListener& listener) { listener.ready(events); });
    }

private:
    List<PollListener> listeners_;
};

} // namespace os::vfs
