#include <linux-signals/pending.hpp>

#include <foundation/heap.hpp>

namespace os::linux_signals {

PendingSignals::~PendingSignals() {
    discard({~std::uint64_t{0}});
}

Result<void> PendingSignals::add(const SignalInfo& info) {
    const bool real_time = info.signal >= k_first_real_time;
    if (!real_time && set_.has(info.signal) && info.code != k_code_timer)
        return {};
    const bool must_queue = real_time && info.code != k_code_user;
    Entry* entry = nullptr;
    if (length_ < k_queue_limit)
        entry = static_cast<Entry*>(heap_allocate(sizeof(Entry)));
    if (entry == nullptr && must_queue)
        return Errno::eagain;
    set_.add(info.signal);
    if (entry == nullptr)
        return {};
    *entry = {nullptr, info};
    Entry** place = &first_;
    while (*place != nullptr)
        place = &(*place)->next;
    *place = entry;
    ++length_;
    return {};
}

bool PendingSignals::take(SignalSet wanted, SignalInfo& out) {
    SignalSet ready = set_ & wanted;
    if (ready.empty())
        return false;
    if (!(ready & k_synchronous).empty())
        ready = ready & k_synchronous;
    const int signal = ready.lowest();
    out = SignalInfo{.signal = signal};
    bool found = false;
    bool more = false;
    for (Entry** place = &first_; *place != nullptr;) {
        Entry* entry = *place;
        if (entry->info.signal == signal && !found) {
            found = true;
            out = entry->info;
            *place = entry->next;
            heap_free(entry);
            --length_;
            continue;
        }
        more |= entry->info.signal == signal;
        place = &entry->next;
    }
    if (!more)
        set_.remove(signal);
    return true;
}

SignalInfo* PendingSignals::of_timer(int id) {
    for (Entry* entry = first_; entry != nullptr; entry = entry->next)
        if (entry->info.of_timer(id))
            return &entry->info;
    return nullptr;
}

void PendingSignals::discard(SignalSet signals) {
    set_ = set_.without(signals);
    for (Entry** place = &first_; *place != nullptr;) {
        Entry* entry = *place;
        if (!signals.has(entry->info.signal)) {
            place = &entry->next;
            continue;
        }
        *place = entry->next;
        heap_free(entry);
        --length_;
    }
}

} // namespace os::linux_signals
