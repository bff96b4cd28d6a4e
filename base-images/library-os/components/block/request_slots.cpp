#include <block/request_slots.hpp>

#include <block/block_device.hpp>
#include <clock/clock.hpp>

namespace os::block {

namespace {
constexpr Nanoseconds k_patience{static_cast<std::int64_t>(k_patience_milliseconds) * 1'000'000};
}

Result<unsigned> RequestSlots::take() {
    for (;;) {
        if (failed_)
            return Errno::eio;
        for (unsigned i = 0; i < count_; ++i)
            if (slots_[i].state == State::free) {
                slots_[i].state = State::out;
                return i;
            }
        // Each that is out comes back within the patience.
        room_.wait(k_forever, threads::Interruptible::no);
    }
}

void RequestSlots::give_back(unsigned slot) {
    slots_[slot].state = State::free;
    room_.wake_one();
}

RequestSlots::End RequestSlots::ended(unsigned slot) const {
    if (slots_[slot].state == State::answered)
        return End::answered;
    return failed_ ? End::failed : End::silence;
}

RequestSlots::End RequestSlots::wait(unsigned slot) {
    const Nanoseconds deadline = clock::monotonic() + k_patience;
    for (;;) {
        const End end = ended(slot);
        if (end != End::silence)
            return end;
        if (slots_[slot].done.wait(deadline, threads::Interruptible::no) !=
            threads::WakeReason::woken)
            break;
    }
    collect_(device_);
    return ended(slot);
}

bool RequestSlots::answer(unsigned slot) {
    if (slot >= count_ || slots_[slot].state != State::out)
        return false;
    slots_[slot].state = State::answered;
    slots_[slot].done.wake_all();
    return true;
}

void RequestSlots::answer_all() {
    for (unsigned slot = 0; slot < count_; ++slot)
        (void)answer(slot);
}

void RequestSlots::fail_all() {
    failed_ = true;
    for (Slot& slot : slots_)
        slot.done.wake_all();
    room_.wake_all();
}

} // namespace os::block
