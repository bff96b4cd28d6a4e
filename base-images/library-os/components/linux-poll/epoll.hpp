// epoll. Each watched descriptor is an item that listens to its file; what becomes ready goes on
// a list, so that waiting costs what is ready, not what is watched.
//
// An item is on the ready list when it may have something to tell; asking the file decides. Level
// triggered items go back to the list's end when they had something, edge triggered ones only at
// the file's next notification, one-shot ones after the next EPOLL_CTL_MOD. Items do not keep
// their file open: when it goes away, so do they.
#pragma once

#include <foundation/list.hpp>
#include <foundation/own.hpp>
#include <foundation/types.hpp>
#include <foundation/vector.hpp>
#include <threads/wait_queue.hpp>
#include <vfs/file.hpp>

namespace os::linux {

// struct epoll_event, which is packed on x86-64.
struct EpollEvent {
    std::uint32_t events;
    std::uint64_t data;
} __attribute__((packed));
static_assert(sizeof(EpollEvent) == 12);

inline constexpr std::uint32_t k_epoll_exclusive = 1U << 28;
inline constexpr std::uint32_t k_epoll_wake_up = 1U << 29;
inline constexpr std::uint32_t k_epoll_one_shot = 1U << 30;
inline constexpr std::uint32_t k_epoll_edge = 1U << 31;

class Epoll;

struct ReadyTag;

class EpollItem final : public vfs::PollListener,
                        public vfs::FileWatcher,
                        public ListNode<ReadyTag> {
public:
    EpollItem(Epoll& epoll, vfs::File& file, int descriptor)
        : file_(file), descriptor_(descriptor), epoll_(epoll) {}
    ~EpollItem() override { ListNode<ReadyTag>::unlink(); }
    void ready(vfs::PollMask events) override;
    void file_closed() override;

private:
    friend class Epoll;
    vfs::File& file_;
    int descriptor_;
    Epoll& epoll_;
    EpollEvent wanted_{};
    bool disarmed_ = false; // one-shot, and told
};

class Epoll final : public vfs::File {
public:
    Epoll() : File(vfs::k_open_read_write) {}
    ~Epoll() override;

    Result<void> add(vfs::File& file, int descriptor, const EpollEvent& event);
    Result<void> modify(vfs::File& file, int descriptor, const EpollEvent& event);
    Result<void> remove(vfs::File& file, int descriptor);
    // At least one event, unless the deadline or a signal comes first.
    Result<int> wait(Span<EpollEvent> out, Nanoseconds deadline);

    vfs::PollMask poll() override;
    vfs::PollSource* poll_source() override { return &source_; }
    void describe(char* buffer, std::size_t size) override;
    const void* class_tag() const override { return &k_tag; }
    // Null when the file is something else.
    static Epoll* from(vfs::File& file) {
        return file.class_tag() == &k_tag ? static_cast<Epoll*>(&file) : nullptr;
    }

private:
    friend class EpollItem;
    static constexpr char k_tag = 0;
    Result<void> check_nesting(const Epoll& added) const;
    unsigned depth(unsigned budget) const;
    bool watches(const Epoll& other, unsigned budget) const;
    EpollItem* find(const vfs::File& file, int descriptor) const;
    void arm(EpollItem& item, const EpollEvent& event);
    void item_ready(EpollItem& item);
    void forget(EpollItem& item);
    int collect(Span<EpollEvent> out);
    bool still_ready();

    // By descriptor; a number may stand for several files, one after the other (dup).
    Vector<Vector<Own<EpollItem>>> items_;
    List<EpollItem, ReadyTag> ready_;
    std::size_t ready_count_ = 0;
    threads::WaitQueue waiters_;
    vfs::PollSource source_;
};

} // namespace os::linux
