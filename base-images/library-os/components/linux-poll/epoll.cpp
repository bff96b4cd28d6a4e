#include "epoll.hpp"

#include <foundation/format.hpp>

namespace os::linux {

namespace {

constexpr unsigned k_deepest_nesting = 5; // as Linux's EP_MAX_NESTS + 1
constexpr std::uint32_t k_always_told = vfs::k_poll_error | vfs::k_poll_hang_up;
constexpr std::uint32_t k_control_bits =
    k_epoll_exclusive | k_epoll_wake_up | k_epoll_one_shot | k_epoll_edge;

} // namespace

void EpollItem::ready(vfs::PollMask events) {
    if (!disarmed_ && (events & (wanted_.events | k_always_told)) != 0)
        epoll_.item_ready(*this);
}

void EpollItem::file_closed() {
    epoll_.forget(*this);
}

// The items leave the ready list, which must still be there.
Epoll::~Epoll() {
    items_.clear();
}

void Epoll::item_ready(EpollItem& item) {
    if (!static_cast<ListNode<ReadyTag>&>(item).linked()) {
        ready_.push_back(item);
        ++ready_count_;
    }
    waiters_.wake_one();
    source_.notify(vfs::k_poll_in);
}

EpollItem* Epoll::find(const vfs::File& file, int descriptor) const {
    const std::size_t index = static_cast<std::size_t>(descriptor);
    if (index >= items_.size())
        return nullptr;
    for (const Own<EpollItem>& item : items_[index])
        if (&item->file_ == &file)
            return item.get();
    return nullptr;
}

void Epoll::forget(EpollItem& item) {
    if (static_cast<ListNode<ReadyTag>&>(item).linked()) {
        static_cast<ListNode<ReadyTag>&>(item).unlink();
        --ready_count_;
    }
    Vector<Own<EpollItem>>& same = items_[static_cast<std::size_t>(item.descriptor_)];
    for (std::size_t i = 0; i < same.size(); ++i)
        if (same[i].get() == &item) {
            same.erase(i);
            return;
        }
}

// How many epolls lie one within the other below this one, itself included.
unsigned Epoll::depth(unsigned budget) const {
    unsigned deepest = 0;
    if (budget > 0)
        for (const Vector<Own<EpollItem>>& same : items_)
            for (const Own<EpollItem>& item : same)
                if (const Epoll* inner = Epoll::from(item->file_)) {
                    const unsigned below = inner->depth(budget - 1);
                    deepest = below > deepest ? below : deepest;
                }
    return deepest + 1;
}

bool Epoll::watches(const Epoll& other, unsigned budget) const {
    if (budget == 0)
        return false;
    for (const Vector<Own<EpollItem>>& same : items_)
        for (const Own<EpollItem>& item : same)
            if (const Epoll* inner = Epoll::from(item->file_))
                if (inner == &other || inner->watches(other, budget - 1))
                    return true;
    return false;
}

Result<void> Epoll::check_nesting(const Epoll& added) const {
    if (added.watches(*this, k_deepest_nesting + 1) ||
        added.depth(k_deepest_nesting + 1) >= k_deepest_nesting)
        return Errno::eloop;
    return {};
}

// Asks at once: what is ready now counts as an edge.
void Epoll::arm(EpollItem& item, const EpollEvent& event) {
    item.wanted_ = event;
    item.disarmed_ = false;
    const vfs::PollMask now = item.file_.poll();
    item.ready(now);
}

Result<void> Epoll::add(vfs::File& file, int descriptor, const EpollEvent& event) {
    if (find(file, descriptor) != nullptr)
        return Errno::eexist;
    if (const Epoll* inner = Epoll::from(file))
        UNIK_TRY(check_nesting(*inner));
    const std::size_t index = static_cast<std::size_t>(descriptor);
    if (index >= items_.size())
        UNIK_TRY(items_.grow(index + 1));
    Own<EpollItem> made = UNIK_TRY(try_make<EpollItem>(*this, file, descriptor));
    EpollItem& item = *made;
    UNIK_TRY(items_[index].push(std::move(made)));
    file.watch(item);
    if (vfs::PollSource* source = file.poll_source())
        source->add(item);
    arm(item, event);
    return {};
}

Result<void> Epoll::modify(vfs::File& file, int descriptor, const EpollEvent& event) {
    EpollItem* item = find(file, descriptor);
    if (item == nullptr)
        return Errno::enoent;
    if ((item->wanted_.events & k_epoll_exclusive) != 0)
        return Errno::einval;
    arm(*item, event);
    return {};
}

Result<void> Epoll::remove(vfs::File& file, int descriptor) {
    EpollItem* item = find(file, descriptor);
    if (item == nullptr)
        return Errno::enoent;
    forget(*item);
    return {};
}

// One turn over what was on the list at the beginning; what stays ready goes to its end, so that
// with little room everybody's turn comes.
int Epoll::collect(Span<EpollEvent> out) {
    std::size_t told = 0;
    for (std::size_t left = ready_count_; left > 0 && told < out.size(); --left) {
        EpollItem* item = ready_.pop_front();
        --ready_count_;
        const std::uint32_t asked = (item->wanted_.events & ~k_control_bits) | k_always_told;
        const vfs::PollMask now = item->disarmed_ ? 0 : item->file_.poll() & asked;
        if (now == 0)
            continue;
        out[told++] = {now, item->wanted_.data};
        if ((item->wanted_.events & k_epoll_one_shot) != 0) {
            item->disarmed_ = true;
        } else if ((item->wanted_.events & k_epoll_edge) == 0) {
            ready_.push_back(*item);
            ++ready_count_;
        }
    }
    return static_cast<int>(told);
}

Result<int> Epoll::wait(Span<EpollEvent> out, Nanoseconds deadline) {
    for (;;) {
        const int told = collect(out);
        if (told > 0) {
            if (!ready_.empty())
                waiters_.wake_one(); // there may be work for another thread
            return told;
        }
        if (deadline.value == 0)
            return 0;
        const threads::WakeReason reason = waiters_.wait(deadline);
        if (reason == threads::WakeReason::interrupted)
            return Errno::eintr;
        if (reason == threads::WakeReason::timed_out)
            return collect(out);
    }
}

// Drops what only seemed ready.
bool Epoll::still_ready() {
    while (EpollItem* item = ready_.front()) {
        const std::uint32_t asked = (item->wanted_.events & ~k_control_bits) | k_always_told;
        if (!item->disarmed_ && (item->file_.poll() & asked) != 0)
            return true;
        ready_.pop_front();
        --ready_count_;
    }
    return false;
}

vfs::PollMask Epoll::poll() {
    return still_ready() ? vfs::k_poll_in : 0;
}

void Epoll::describe(char* buffer, std::size_t size) {
    format(buffer, size, "anon_inode:[eventpoll]");
}

} // namespace os::linux
