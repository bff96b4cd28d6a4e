#include "queue_pair.hpp"

#include <foundation/panic.hpp>

namespace os::nvme {

void QueuePair::initialise(std::uint16_t id, unsigned entries, Command* commands,
                           volatile Completion* completions) {
    UNIK_ASSERT(entries >= 2 && entries <= k_most_entries && out_ == 0);
    id_ = id;
    entries_ = entries;
    commands_ = commands;
    completions_ = completions;
    tail_ = 0;
    head_ = 0;
    phase_ = 1;
    broken_ = false;
}

unsigned QueuePair::next_id() const {
    unsigned id = 0;
    while (requests_[id] != nullptr)
        ++id;
    return id;
}

unsigned QueuePair::add(const Command& command, Request& request) {
    UNIK_ASSERT(has_room());
    const unsigned id = next_id();
    requests_[id] = &request;
    ++out_;
    commands_[tail_] = command;
    commands_[tail_].id = static_cast<std::uint16_t>(id);
    tail_ = (tail_ + 1) % entries_;
    return tail_;
}

void QueuePair::finish(unsigned id, std::uint16_t status, std::uint32_t result) {
    Request& request = *requests_[id];
    requests_[id] = nullptr;
    --out_;
    request.status = status;
    request.result = result;
    request.done = true;
    request.alert.raise();
}

bool QueuePair::take(const Completion& completion) {
    if (completion.id >= entries_ || requests_[completion.id] == nullptr ||
        completion.commands_queue != id_ || completion.commands_head >= entries_)
        return false;
    finish(completion.id, static_cast<std::uint16_t>(completion.status >> 1), completion.result);
    return true;
}

bool QueuePair::take_completions() {
    bool any = false;
    while (entries_ != 0 && !broken_) {
        volatile Completion& place = completions_[head_];
        const std::uint16_t status = place.status;
        if ((status & 1) != phase_)
            break;
        __atomic_thread_fence(__ATOMIC_ACQUIRE); // the rest is there once the phase is
        const Completion completion{place.result,         0,        place.commands_head,
                                    place.commands_queue, place.id, status};
        any = true;
        broken_ = !take(completion);
        head_ = (head_ + 1) % entries_;
        if (head_ == 0)
            phase_ ^= 1;
    }
    return any;
}

void QueuePair::fail_all() {
    for (unsigned id = 0; id < k_most_entries; ++id)
        if (requests_[id] != nullptr)
            finish(id, Request::k_failed, 0);
}

} // namespace os::nvme
