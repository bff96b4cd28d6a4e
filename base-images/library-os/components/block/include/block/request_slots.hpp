// The requests that a driver has out at once: who has one waits for a place, for its answer, and
// no longer than a device may take to give it.
//
//     const unsigned slot = UNIK_TRY(slots.take());
//     … hand the request with this number to the device …
//     if (slots.wait(slot) == RequestSlots::End::silence) … stop the device; slots.fail_all() …
//     … look at what it answered …
//     slots.give_back(slot);
#pragma once

#include <foundation/result.hpp>
#include <foundation/types.hpp>
#include <threads/wait_queue.hpp>

namespace os::block {

class RequestSlots {
public:
    static constexpr unsigned k_most = 32;

    // `collect` looks at what the device has done and calls answer(). It is called before silence
    // is believed, as an interrupt may have been lost.
    constexpr RequestSlots(void (*collect)(void*), void* device)
        : collect_(collect), device_(device) {}

    // At most k_most.
    void set_count(unsigned count) { count_ = count < k_most ? count : k_most; }
    unsigned count() const { return count_; }

    // Waits until one is free. eio once the device has failed.
    Result<unsigned> take();
    void give_back(unsigned slot);

    enum class End { answered, silence, failed };
    // Blocks until the request is answered, the device failed, or the patience is at its end.
    End wait(unsigned slot);

    // The device answered. False when nothing was out under this number: the device is not to be
    // trusted. Not in interrupt context.
    bool answer(unsigned slot);

    // The device was started anew: all that is out counts as answered.
    void answer_all();

    // The device is given up: all that waits ends, and nothing begins any more.
    void fail_all();
    bool failed() const { return failed_; }

private:
    enum class State : std::uint8_t { free, out, answered };
    struct Slot {
        State state = State::free;
        threads::WaitQueue done;
    };

    // Without waiting; silence: it is still out.
    End ended(unsigned slot) const;

    void (*collect_)(void*);
    void* device_;
    Slot slots_[k_most];
    threads::WaitQueue room_;
    unsigned count_ = k_most;
    bool failed_ = false;
};

} // namespace os::block
