#include "poll_set.hpp"

namespace os::linux {

namespace {
constexpr vfs::PollMask k_always_told = vfs::k_poll_error | vfs::k_poll_hang_up;
}

Result<void> PollSet::add(Ref<vfs::File> file, vfs::PollMask wanted) {
    return items_.push({std::move(file), wanted | k_always_told, 0});
}

Result<void> PollSet::add_invalid() {
    return items_.push({{}, 0, vfs::k_poll_invalid});
}

void PollSet::Listener::ready(vfs::PollMask events) {
    if ((events & wanted_) == 0)
        return;
    happened_ = true;
    queue_.wake_one();
}

int PollSet::collect() {
    int count = 0;
    for (Item& item : items_) {
        if (item.file)
            item.ready = item.file->poll() & item.wanted;
        if (item.ready != 0)
            ++count;
    }
    return count;
}

Result<void> PollSet::listen(Vector<Own<Listener>>& listeners) {
    UNIK_TRY(listeners.reserve(items_.size()));
    for (Item& item : items_) {
        vfs::PollSource* source = item.file ? item.file->poll_source() : nullptr;
        if (source == nullptr)
            continue;
        Own<Listener> listener = UNIK_TRY(try_make<Listener>(queue_, happened_, item.wanted));
        source->add(*listener);
        UNIK_TRY(listeners.push(std::move(listener)));
    }
    return {};
}

Result<int> PollSet::wait(Nanoseconds deadline) {
    int count = collect();
    if (count > 0 || deadline.value == 0)
        return count;
    Vector<Own<Listener>> listeners;
    UNIK_TRY(listen(listeners));
    for (;;) {
        happened_ = false;
        count = collect();
        if (count > 0)
            return count;
        while (!happened_) {
            const threads::WakeReason reason = queue_.wait(deadline);
            if (reason == threads::WakeReason::interrupted)
                return Errno::eintr;
            if (reason == threads::WakeReason::timed_out)
                return collect();
        }
    }
}

} // namespace os::linux
